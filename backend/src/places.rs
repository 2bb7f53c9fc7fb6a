//! Places for what takes long: so many at once for each who asks, and so many in all. Kept in memory: each process has its
//! own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places, told apart by `K`: whose, or from which address.
pub struct Places<K: Ord> {
    each: usize,
    all: usize,
    taken: Mutex<BTreeMap<K, usize>>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Whoever asks has as many as one may have.
    Own,
    /// All are taken.
    All,
}

impl<K: Ord + Clone> Places<K> {
    /// So many for each, so many in all.
    pub fn new(each: usize, all: usize) -> Arc<Self> {
        Arc::new(Self { each, all, taken: Mutex::default() })
    }

    /// Takes a place until it is dropped.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, key: K) -> Result<Place<K>, Full> {
        let mut taken = self.taken();
        if taken.get(&key).is_some_and(|count| *count >= self.each) {
            return Err(Full::Own);
        }
        if taken.values().sum::<usize>() >= self.all {
            return Err(Full::All);
        }
        *taken.entry(key.clone()).or_default() += 1;
        drop(taken);
        Ok(Place { places: self.clone(), key })
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken.
pub struct Place<K: Ord + Clone> {
    places: Arc<Places<K>>,
    key: K,
}

impl<K: Ord + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_once_it_is_dropped() {
        let places = Places::new(2, 3);
        let one = places.take("a").ok();
        let two = places.take("a").ok();
        assert!(one.is_some() && two.is_some());
        assert_eq!(places.take("a").err(), Some(Full::Own));
        let three = places.take("b").ok();
        assert_eq!(places.take("c").err(), Some(Full::All));
        drop(one);
        assert!(places.take("c").is_ok());
        drop((two, three));
        assert!(places.taken().is_empty());
    }
}
