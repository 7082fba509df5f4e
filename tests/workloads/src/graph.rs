//! Ways through a map: breadth first, then the cheapest with weights, over a grid of 20 by 20 with walls.

use crate::input::{Numbers, mix};

const SIDE: usize = 20;
const PLACES: usize = SIDE * SIDE;
const FAR: u16 = u16::MAX;

struct Map {
    /// What a step onto the place costs; 0 is a wall.
    cost: [u8; PLACES],
}

impl Map {
    fn new(numbers: &mut Numbers) -> Map {
        let mut cost = [0; PLACES];
        for place in &mut cost {
            *place = if numbers.below(4) == 0 { 0 } else { 1 + numbers.below(9) as u8 };
        }
        cost[0] = 1;
        cost[PLACES - 1] = 1;
        Map { cost }
    }

    /// The neighbours that are no walls.
    fn around(&self, place: usize) -> impl Iterator<Item = usize> {
        let (x, y) = (place % SIDE, place / SIDE);
        let at = [
            (x > 0).then(|| place - 1),
            (x + 1 < SIDE).then(|| place + 1),
            (y > 0).then(|| place - SIDE),
            (y + 1 < SIDE).then(|| place + SIDE),
        ];
        at.into_iter().flatten().filter(|place| self.cost[*place] != 0)
    }

    fn steps(&self, distance: &mut [u16; PLACES]) -> u16 {
        let mut queue = [0u16; PLACES];
        let (mut head, mut tail) = (0, 1);
        distance.fill(FAR);
        distance[0] = 0;
        while head < tail {
            let place = queue[head] as usize;
            head += 1;
            for next in self.around(place) {
                if distance[next] == FAR {
                    distance[next] = distance[place] + 1;
                    queue[tail] = next as u16;
                    tail += 1;
                }
            }
        }
        distance[PLACES - 1]
    }

    /// As Bellman and Ford have it, until nothing changes.
    fn cheapest(&self, distance: &mut [u16; PLACES]) -> (u16, u32) {
        distance.fill(FAR);
        distance[0] = 0;
        let mut passes = 0;
        loop {
            passes += 1;
            let mut changed = false;
            for place in 0..PLACES {
                if self.cost[place] == 0 || distance[place] == FAR {
                    continue;
                }
                for next in self.around(place) {
                    let cost = distance[place] + u16::from(self.cost[next]);
                    if cost < distance[next] {
                        distance[next] = cost;
                        changed = true;
                    }
                }
            }
            if !changed {
                return (distance[PLACES - 1], passes);
            }
        }
    }
}

/// One map in each round.
pub fn run(rounds: u32) -> u32 {
    let mut distance = [0; PLACES];
    let mut sum = 0;
    for round in 0..rounds {
        let map = Map::new(&mut Numbers::new(round));
        sum = mix(sum, u32::from(map.steps(&mut distance)));
        sum = mix(sum, u32::from(distance[PLACES / 2]));
        let (cost, passes) = map.cheapest(&mut distance);
        sum = mix(mix(sum, u32::from(cost)), passes);
    }
    sum
}
