//! How fast a body must come: whoever sends one slowly holds a connection and memory that others need.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use crate::concurrency::Permit;

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

/// Has the body of a request come at that rate; `permit` is kept until all of it is there.
pub fn require(request: ServiceRequest, rate: MinimumRate, permit: Permit<IpAddr>) -> ServiceRequest {
    let (request, payload) = request.into_parts();
    let body = Body::new(payload, rate, permit);
    ServiceRequest::from_parts(request, Payload::Stream { payload: Box::pin(body) })
}

struct Body<P> {
    payload: P,
    rate: MinimumRate,
    /// How many bytes have come.
    received: u64,
    begun: Instant,
    alarm: Pin<Box<Sleep>>,
    permit: Option<Permit<IpAddr>>,
}

impl<P> Body<P> {
    fn new(payload: P, rate: MinimumRate, permit: Permit<IpAddr>) -> Self {
        let alarm = Box::pin(sleep(rate.stalled));
        Self { payload, rate, received: 0, begun: Instant::now(), alarm, permit: Some(permit) }
    }
}

impl<P: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Body<P> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match Pin::new(&mut this.payload).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.received += chunk.len() as u64;
                // What has come pays for that much time, and at most for the next wait.
                let MinimumRate { stalled, bytes_per_second } = this.rate;
                let paid = this.begun + stalled + Duration::from_secs(this.received / bytes_per_second);
                this.alarm.as_mut().reset(paid.min(Instant::now() + stalled));
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(over) => {
                this.permit = None;
                Poll::Ready(over)
            }
            Poll::Pending => this.alarm.as_mut().poll(context).map(|()| {
                this.permit = None;
                Some(Err(PayloadError::Io(std::io::ErrorKind::TimedOut.into())))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt as _;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;
    use crate::concurrency::ConcurrencyLimit;

    /// Whether a body of `count` chunks of that size, each after that pause, is listened to until its end.
    async fn is_heard((count, size): (usize, usize), pause: Duration) -> bool {
        let address = IpAddr::from([127, 0, 0, 1]);
        let limit = ConcurrencyLimit::new(1, 1);
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let rate = MinimumRate { stalled: Duration::from_millis(500), bytes_per_second: 1_000 };
        let mut body = Body::new(ReceiverStream::new(receiver), rate, limit.try_acquire(address).unwrap());
        let sending = tokio::spawn(async move {
            for _ in 0..count {
                sleep(pause).await;
                drop(sender.send(Ok(Bytes::from(vec![b'x'; size]))).await);
            }
        });
        assert!(limit.try_acquire(address).is_err());
        let is_heard = loop {
            match body.next().await {
                Some(Ok(_)) => {}
                Some(Err(PayloadError::Io(error))) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
                    break false;
                }
                Some(Err(other)) => panic!("{other}"),
                None => break true,
            }
        };
        assert!(limit.try_acquire(address).is_ok(), "its permit is free");
        sending.abort();
        is_heard
    }

    #[tokio::test]
    async fn a_body_that_comes_too_slowly_is_given_up() {
        assert!(!is_heard((1, 1), Duration::from_secs(60)).await, "nothing comes");
        assert!(!is_heard((1_000, 1), Duration::from_millis(20)).await, "hardly anything comes");
        assert!(is_heard((20, 1_000), Duration::from_millis(20)).await);
    }
}
