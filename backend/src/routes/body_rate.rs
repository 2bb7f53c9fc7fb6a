//! How fast a body must come: whoever sends one slowly holds a connection and memory that others need.

use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use super::body_places::Place;

/// How fast.
#[derive(Clone, Copy, Debug)]
pub struct MinimumRate {
    /// How long nothing may come.
    stalled: Duration,
    /// How many bytes must have come in a second, on average.
    bytes_per_second: u64,
}

/// The slowest mobile networks bring more.
pub const MINIMUM_RATE: MinimumRate = MinimumRate { stalled: Duration::from_secs(10), bytes_per_second: 1_000 };

/// Its place was given to another: it is to be sent again.
pub const LOST_PLACE: ErrorKind = ErrorKind::ResourceBusy;

/// Has the body of a request come at that rate; its place is kept until all of it is there, or somebody else gets it.
pub fn require(request: ServiceRequest, rate: MinimumRate, place: Place) -> ServiceRequest {
    let (request, payload) = request.into_parts();
    let body = Body::new(payload, rate, place);
    ServiceRequest::from_parts(request, Payload::Stream { payload: Box::pin(body) })
}

struct Body<P> {
    payload: P,
    rate: MinimumRate,
    /// How many bytes have come.
    received: u64,
    begun: Instant,
    alarm: Pin<Box<Sleep>>,
    place: Option<Place>,
}

impl<P> Body<P> {
    fn new(payload: P, rate: MinimumRate, place: Place) -> Self {
        let alarm = Box::pin(sleep(rate.stalled));
        Self { payload, rate, received: 0, begun: Instant::now(), alarm, place: Some(place) }
    }

    fn give_up(&mut self, why: ErrorKind) -> Poll<Option<Result<Bytes, PayloadError>>> {
        self.place = None;
        Poll::Ready(Some(Err(PayloadError::Io(why.into()))))
    }
}

impl<P: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Body<P> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(place) = &this.place {
            place.begin();
        }
        if this.place.as_mut().is_some_and(|place| place.poll_lost(context).is_ready()) {
            return this.give_up(LOST_PLACE);
        }
        match Pin::new(&mut this.payload).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.received += chunk.len() as u64;
                if let Some(place) = &this.place {
                    place.has_received(this.received);
                }
                // What has come pays for that much time, and at most for the next wait.
                let MinimumRate { stalled, bytes_per_second } = this.rate;
                let paid = this.begun + stalled + Duration::from_secs(this.received / bytes_per_second);
                this.alarm.as_mut().reset(paid.min(Instant::now() + stalled));
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(over) => {
                this.place = None;
                Poll::Ready(over)
            }
            Poll::Pending if this.alarm.as_mut().poll(context).is_ready() => this.give_up(ErrorKind::TimedOut),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use tokio_stream::StreamExt as _;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;
    use crate::routes::body_places::BodyPlaces;

    /// Whether a body of `count` chunks of that size, each after that pause, is listened to until its end.
    async fn is_heard((count, size): (usize, usize), pause: Duration) -> bool {
        let address = IpAddr::from([127, 0, 0, 1]);
        let places = Arc::<BodyPlaces>::default();
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let rate = MinimumRate { stalled: Duration::from_millis(500), bytes_per_second: 1_000 };
        let mut body = Body::new(ReceiverStream::new(receiver), rate, places.take(address).unwrap());
        let sending = tokio::spawn(async move {
            for _ in 0..count {
                sleep(pause).await;
                drop(sender.send(Ok(Bytes::from(vec![b'x'; size]))).await);
            }
        });
        assert!(!places.is_empty());
        let is_heard = loop {
            match body.next().await {
                Some(Ok(_)) => {}
                Some(Err(PayloadError::Io(error))) => {
                    assert_eq!(error.kind(), ErrorKind::TimedOut);
                    break false;
                }
                Some(Err(other)) => panic!("{other}"),
                None => break true,
            }
        };
        assert!(places.is_empty(), "its place is free");
        sending.abort();
        is_heard
    }

    #[tokio::test]
    async fn a_body_that_comes_too_slowly_is_given_up() {
        assert!(!is_heard((1, 1), Duration::from_secs(60)).await, "nothing comes");
        assert!(!is_heard((1_000, 1), Duration::from_millis(20)).await, "hardly anything comes");
        assert!(is_heard((20, 1_000), Duration::from_millis(20)).await);
    }

    #[tokio::test]
    async fn a_body_whose_place_is_given_to_another_ends() {
        let places = Arc::<BodyPlaces>::default();
        let (address, mut senders) = (IpAddr::from([127, 0, 0, 1]), Vec::new());
        let mut body = || {
            let (sender, receiver) = tokio::sync::mpsc::channel(1);
            senders.push(sender);
            places.take(address).map(|place| Body::new(ReceiverStream::new(receiver), MINIMUM_RATE, place))
        };
        let mut oldest = body().unwrap();
        let ended = tokio::spawn(async move { oldest.next().await });
        sleep(Duration::from_millis(50)).await;
        let others: Vec<_> = std::iter::repeat_with(&mut body).take(64).collect();
        assert!(others.iter().all(Option::is_some));
        let Some(Err(PayloadError::Io(error))) = ended.await.unwrap() else { panic!("it goes on") };
        assert_eq!(error.kind(), LOST_PLACE);
    }
}
