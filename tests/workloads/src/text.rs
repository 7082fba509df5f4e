//! Work on text: words counted in a table, a search by Boyer, Moore and Horspool, a pattern with stars, numbers read, UTF-8 checked.

use crate::input::{Numbers, mix};

static TEXT: &str = "It is not the strongest of the species that survives, nor the most intelligent; it is the one most \
adaptable to change. Measure 42 times, cut 7 times; at 1000 mV the sensor reads 513, at 1250 mV it reads 641. \
Größe und Maß: 3 µm, 25 °C, naïve café. The quick brown fox jumps over the lazy dog; the dog, at 3 o'clock, does not mind. \
What the device cannot do, the device should say: name, address 0x48, and reason. It is, it is, it is.";

const BUCKETS: usize = 64;

/// FNV-1a of the word in lower case.
fn hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193))
}

/// How often the most frequent word comes, and how many words there are.
fn words(text: &[u8]) -> (u16, u32) {
    let mut buckets = [(0u32, 0u16); BUCKETS];
    let (mut most, mut count) = (0, 0);
    for word in text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let hash = hash(word);
        count += 1;
        let mut at = hash as usize % BUCKETS;
        for _ in 0..BUCKETS {
            let bucket = &mut buckets[at];
            if bucket.1 == 0 || bucket.0 == hash {
                *bucket = (hash, bucket.1 + 1);
                most = most.max(bucket.1);
                break;
            }
            at = (at + 1) % BUCKETS;
        }
    }
    (most, count)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut skip = [wanted.len() as u8; 256];
    for (at, byte) in wanted[..wanted.len() - 1].iter().enumerate() {
        skip[*byte as usize] = (wanted.len() - 1 - at) as u8;
    }
    let mut at = 0;
    while at + wanted.len() <= text.len() {
        if text[at..at + wanted.len()] == *wanted {
            return Some(at);
        }
        at += skip[text[at + wanted.len() - 1] as usize] as usize;
    }
    None
}

/// `*` is any text, `?` any byte.
fn fits(mut text: &[u8], mut pattern: &[u8]) -> bool {
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern, text) {
            ([b'*', rest @ ..], _) => {
                retry = Some((rest, text));
                pattern = rest;
            }
            ([p, more_pattern @ ..], [t, more_text @ ..]) if *p == b'?' || p == t => {
                (pattern, text) = (more_pattern, more_text);
            }
            ([], []) => return true,
            _ => match retry {
                Some((rest, [_, later @ ..])) => {
                    retry = Some((rest, later));
                    (pattern, text) = (rest, later);
                }
                _ => return false,
            },
        }
    }
}

fn sum_of_numbers(text: &[u8]) -> u32 {
    let (mut sum, mut number) = (0u32, 0u32);
    for byte in text {
        match byte {
            b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(u32::from(byte - b'0')),
            _ => sum = sum.wrapping_add(core::mem::take(&mut number)),
        }
    }
    sum.wrapping_add(number)
}

/// All of it once in each round, on a text in which one word was changed.
pub fn run(rounds: u32) -> u32 {
    static WANTED: [&[u8]; 3] = [b"should say", b"device cannot", b"absent here"];
    static PATTERNS: [&[u8]; 3] = [b"*quick*dog*mind*", b"It?is*most*is.", b"*address 0x4?*nothing*"];
    let mut text = [0; TEXT.len()];
    text.copy_from_slice(TEXT.as_bytes());
    let mut numbers = Numbers::new(29);
    let mut sum = 0;
    for _ in 0..rounds {
        text[numbers.below(32) as usize] = b'a' + numbers.below(26) as u8;
        let (most, count) = words(&text);
        sum = mix(mix(sum, u32::from(most)), count);
        for wanted in WANTED {
            sum = mix(sum, find(&text, wanted).map_or(0, |at| at as u32 + 1));
        }
        for pattern in PATTERNS {
            sum = mix(sum, u32::from(fits(&text, pattern)));
        }
        sum = mix(sum, sum_of_numbers(&text));
        let chars = core::str::from_utf8(&text).map_or(0, |text| text.chars().filter(|c| !c.is_ascii()).count());
        sum = mix(sum, chars as u32);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_questions() {
        for (text, pattern, fits) in
            [("abc", "a*c", true), ("abc", "?b?", true), ("abc", "*d*", false), ("", "*", true), ("aab", "*ab", true)]
        {
            assert_eq!(super::fits(text.as_bytes(), pattern.as_bytes()), fits, "{text} {pattern}");
        }
    }

    #[test]
    fn what_is_there_is_found() {
        assert_eq!(find(TEXT.as_bytes(), b"should say"), TEXT.find("should say"));
        assert_eq!(find(TEXT.as_bytes(), b"absent here"), None);
    }
}
