//! An answer of the server that is on its way: what comes as JSON, and what reads it.
//!
//! Its kind is told apart at the very end only, so that waiting for it exists once in the bundle, not once per kind.

use std::any::Any;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll, ready as when_ready};

use serde_json::Value;

use super::{ApiError, Call, send, without_body};

/// What has come, not read yet.
pub enum Raw {
    /// From the server.
    Json(Value),
    /// Made here, of several answers or of none.
    Made(Box<dyn Any>),
}

/// The wait for it.
pub type Waiting = Pin<Box<dyn Future<Output = Result<Raw, ApiError>>>>;

/// An answer on its way. Nothing is asked before somebody waits for it.
pub struct Answer<T> {
    waiting: Waiting,
    read: fn(Value) -> Result<T, ApiError>,
}

impl<T: 'static> Answer<T> {
    /// Of several answers, or after some work.
    pub fn of(made: impl Future<Output = Result<T, ApiError>> + 'static) -> Self {
        let waiting = Box::pin(async move { made.await.map(|value| Raw::Made(Box::new(value))) });
        Self { waiting, read: |_| Err(without_body(500)) }
    }

    /// Known without asking.
    pub fn known(value: T) -> Self {
        Self { waiting: Box::pin(ready(Ok(Raw::Made(Box::new(value))))), read: |_| Err(without_body(500)) }
    }

    /// The wait, and what reads what has come.
    pub fn apart(self) -> (Waiting, impl FnOnce(Raw) -> Result<T, ApiError>) {
        let read = self.read;
        (self.waiting, move |raw| finished(raw, read))
    }
}

impl Call {
    /// Makes the call once somebody waits for its answer.
    pub(super) fn read<T>(self, read: fn(Value) -> Result<T, ApiError>) -> Answer<T> {
        Answer { waiting: waiting(self), read }
    }
}

fn waiting(call: Call) -> Waiting {
    Box::pin(async { send(call).await.map(Raw::Json) })
}

fn finished<T: 'static>(raw: Raw, read: fn(Value) -> Result<T, ApiError>) -> Result<T, ApiError> {
    match raw {
        Raw::Json(value) => read(value),
        Raw::Made(made) => made.downcast().map(|value| *value).map_err(|_| without_body(500)),
    }
}

impl<T: 'static> Future for Answer<T> {
    type Output = Result<T, ApiError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let raw = when_ready!(self.waiting.as_mut().poll(context));
        Poll::Ready(raw.and_then(|raw| finished(raw, self.read)))
    }
}
