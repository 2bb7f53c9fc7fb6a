//! The places of the bodies that are on their way. Whoever finds them taken gets that of the oldest body that comes slowly:
//! a few hundred that were half sent keep nobody out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::time::Instant;

/// How many bodies may be on their way.
pub(super) const ALL: usize = 128;

/// How many of them from one address.
const EACH: usize = 64;

/// How many bytes a second, on average, keep a place from being given to somebody else.
const SAFE_RATE: u128 = 16_000;

/// For how many milliseconds nothing may come.
const SAFE_PAUSE: u128 = 1_000;

/// The places.
#[derive(Default)]
pub struct BodyPlaces(Mutex<Taken>);

/// The places that are taken, by number: the oldest first.
#[derive(Default)]
struct Taken {
    last: u64,
    bodies: BTreeMap<u64, UnderWay>,
}

/// A body that is on its way.
struct UnderWay {
    address: IpAddr,
    progress: Arc<Progress>,
    /// Dropped when its place is given to another.
    _keep: oneshot::Sender<()>,
}

/// What has come of it.
#[derive(Default)]
struct Progress {
    /// When it was first asked for: what comes before waits for us.
    begun: OnceLock<Instant>,
    received: AtomicU64,
    /// When something came last, in milliseconds from the beginning.
    last: AtomicU64,
}

impl Progress {
    fn is_slow(&self) -> bool {
        let [received, last] = [&self.received, &self.last].map(|known| u128::from(known.load(Ordering::Relaxed)));
        self.begun.get().is_some_and(|begun| {
            let elapsed = begun.elapsed().as_millis();
            received * 1_000 < elapsed * SAFE_RATE || elapsed > last + SAFE_PAUSE
        })
    }
}

impl BodyPlaces {
    /// A place for a body from that address, until it is dropped; `None` where all are taken by bodies that come fast.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        let own = taken.bodies.values().filter(|body| body.address == address).count();
        if own >= EACH || taken.bodies.len() >= ALL {
            let may_go = |body: &UnderWay| body.progress.is_slow() && (own < EACH || body.address == address);
            let number = taken.bodies.iter().find(|(_, body)| may_go(body)).map(|(number, _)| *number)?;
            taken.bodies.remove(&number);
        }
        let (keep, lost) = oneshot::channel();
        let progress = Arc::<Progress>::default();
        taken.last += 1;
        let number = taken.last;
        let body = UnderWay { address, progress: progress.clone(), _keep: keep };
        taken.bodies.insert(number, body);
        drop(taken);
        Some(Place { places: self.clone(), number, progress, lost })
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.taken().bodies.is_empty()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place.
pub struct Place {
    places: Arc<BodyPlaces>,
    number: u64,
    progress: Arc<Progress>,
    lost: oneshot::Receiver<()>,
}

impl Place {
    /// The body is asked for from now on.
    pub fn begin(&self) {
        self.progress.begun.get_or_init(Instant::now);
    }

    /// So many bytes have come, in all.
    pub fn has_received(&self, bytes: u64) {
        let begun = self.progress.begun.get_or_init(Instant::now);
        self.progress.received.store(bytes, Ordering::Relaxed);
        self.progress.last.store(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Ready once it is given to another.
    pub fn poll_lost(&mut self, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.lost).poll(context).map(|_| ())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().bodies.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([198, 51, 100, last])
    }

    fn begun(places: &Arc<BodyPlaces>, last: u8) -> Place {
        let place = places.take(address(last)).unwrap();
        place.begin();
        place
    }

    async fn is_lost(place: &mut Place) -> bool {
        std::future::poll_fn(|context| Poll::Ready(place.poll_lost(context).is_ready())).await
    }

    #[tokio::test]
    async fn the_oldest_body_that_comes_slowly_leaves_its_place() {
        let places = Arc::<BodyPlaces>::default();
        let mut held: Vec<Place> = (0..ALL).map(|number| begun(&places, number as u8)).collect();
        held[0].has_received(1_000_000);
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut newest = places.take(address(200)).unwrap();
        assert!(is_lost(&mut held[1]).await);
        for kept in [0, 2, ALL - 1] {
            assert!(!is_lost(&mut held[kept]).await, "{kept}");
        }
        assert!(!is_lost(&mut newest).await);
        drop(held);
        assert_eq!(places.taken().bodies.len(), 1);
    }

    #[tokio::test]
    async fn what_comes_fast_keeps_its_place_and_one_address_takes_from_itself() {
        let places = Arc::<BodyPlaces>::default();
        let mut own: Vec<Place> = (0..EACH).map(|_| begun(&places, 1)).collect();
        let mut other = begun(&places, 2);
        tokio::time::sleep(Duration::from_millis(10)).await;
        own.push(begun(&places, 1));
        assert!(is_lost(&mut own[0]).await);
        assert!(!is_lost(&mut other).await);
        for place in &own {
            place.has_received(1_000_000);
        }
        assert!(places.take(address(1)).is_none());
        assert!(places.take(address(3)).is_some());
        // What came fast and stands still does not.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert!(places.take(address(1)).is_some());
    }
}
