//! Names of instances and of kept modules, in tables of fixed size. A name may stand for an instance that did not fit into
//! the chip's memory: what is asserted of it is skipped, not failed.

/// A table of names.
pub(crate) struct Names<'a, T, const N: usize> {
    rows: [Option<(&'a str, T)>; N],
}

impl<'a, T: Copy, const N: usize> Names<'a, T, N> {
    #[inline(always)]
    pub(crate) fn new() -> Names<'a, T, N> {
        Names { rows: [None; N] }
    }

    /// Gives a name a new meaning; false if the table is full.
    pub(crate) fn set(&mut self, name: &'a str, meaning: T) -> bool {
        let known = self.rows.iter().position(|row| matches!(row, Some((known, _)) if *known == name));
        let place = known.or_else(|| self.rows.iter().position(Option::is_none));
        match place.and_then(|place| self.rows.get_mut(place)) {
            Some(row) => {
                *row = Some((name, meaning));
                true
            }
            None => false,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<T> {
        self.rows.iter().flatten().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning)
    }

    pub(crate) fn meanings(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.iter_mut().flatten().map(|(_, meaning)| meaning)
    }
}
