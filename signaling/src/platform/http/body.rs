//! Bodies of requests: how long they may take to come, and what becomes of those that are answered before they came.
//!
//! An answer that is ready before the body was read makes an HTTP/1 connection useless, and some HTTP/2 clients (curl
//! 7.88) take it for an error of the stream. So what a handler leaves unread is read on for a moment, and thrown away.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};
use protocol::api::ProblemCode;
use tokio::time::{Instant, Sleep};

use crate::AppState;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::body_too_large;
use crate::platform::lock::lock;

/// What is read of a body that nobody wants, at most.
const READ_ON_BYTES: usize = 1024 * 1024;
/// And for how long.
const READ_ON: Duration = Duration::from_secs(1);

/// A body's whereabouts, kept with its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts(Arc<Mutex<Stage>>);

#[derive(Debug, Default)]
enum Stage {
    /// Somebody has it, and it has not ended.
    #[default]
    Coming,
    /// It was read to its end, or broke off.
    Ended,
    /// It took too long.
    Late,
    /// Nobody wants the rest.
    Left {
        rest: BodyDataStream,
        /// Whether somebody waited for more when it was left.
        awaited: bool,
    },
}

impl Whereabouts {
    /// Whether somebody waited for it in vain.
    pub(crate) fn is_late(&self) -> bool {
        matches!(
            *lock(&self.0),
            Stage::Late | Stage::Left { awaited: true, .. }
        )
    }

    fn become_of(&self, stage: Stage) {
        *lock(&self.0) = stage;
    }
}

/// A body that must come in time, and says what became of it.
struct Timed {
    body: Option<BodyDataStream>,
    due: Pin<Box<Sleep>>,
    awaited: bool,
    whereabouts: Whereabouts,
}

impl Stream for Timed {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(body) = this.body.as_mut() else {
            return Poll::Ready(None);
        };
        let stage = match body.poll_next_unpin(cx) {
            Poll::Ready(Some(Ok(bytes))) => {
                this.awaited = false;
                return Poll::Ready(Some(Ok(bytes)));
            }
            Poll::Ready(Some(Err(error))) => {
                this.whereabouts.become_of(Stage::Ended);
                this.body = None;
                return Poll::Ready(Some(Err(error.into())));
            }
            Poll::Ready(None) => Stage::Ended,
            Poll::Pending if this.due.as_mut().poll(cx).is_ready() => Stage::Late,
            Poll::Pending => {
                this.awaited = true;
                return Poll::Pending;
            }
        };
        let late = matches!(stage, Stage::Late);
        this.whereabouts.become_of(stage);
        this.body = None;
        Poll::Ready(late.then(|| Err("the body did not come in time".into())))
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        if let Some(rest) = self.body.take() {
            let awaited = self.awaited;
            self.whereabouts.become_of(Stage::Left { rest, awaited });
        }
    }
}

/// Gives every body its time limit, and reads on what is left of it.
pub(crate) async fn watch(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(state.config.http.request_timeout_seconds.max(1));
    let (mut parts, body) = request.into_parts();
    if axum::body::HttpBody::is_end_stream(&body) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    // Whoever asks whether to go on sends nothing until told to, and is told by the answer.
    let asks_first = parts.headers.contains_key(header::EXPECT);
    let whereabouts = Whereabouts::default();
    parts.extensions.insert(whereabouts.clone());
    let body = Body::from_stream(Timed {
        body: Some(body.into_data_stream()),
        due: Box::pin(tokio::time::sleep(limit)),
        awaited: false,
        whereabouts: whereabouts.clone(),
    });
    let response = next.run(Request::from_parts(parts, body)).await;
    let stage = std::mem::take(&mut *lock(&whereabouts.0));
    match stage {
        // What a handler makes of it has the headers of its route.
        Stage::Late if response.status() != StatusCode::REQUEST_TIMEOUT => late().into_response(),
        Stage::Left { rest, .. } => {
            if !asks_first && response.status() != StatusCode::REQUEST_TIMEOUT {
                read_on(rest).await;
            }
            response
        }
        _ => response,
    }
}

async fn read_on(mut rest: BodyDataStream) {
    let until = Instant::now() + READ_ON;
    let mut read = 0;
    while let Ok(Some(Ok(bytes))) = tokio::time::timeout_at(until, rest.next()).await {
        read += bytes.len();
        if read > READ_ON_BYTES {
            return;
        }
    }
}

/// The whole body of a request, when it is time to read it.
///
/// # Errors
/// 413 when it is longer than the configuration allows, 408 when it does not come in time, 400 when it breaks off.
pub(crate) async fn read(state: &AppState, request: Request) -> ApiResult<Bytes> {
    let whereabouts = request.extensions().get::<Whereabouts>().cloned();
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                body_too_large()
            } else if whereabouts.is_some_and(|whereabouts| whereabouts.is_late()) {
                late()
            } else {
                ApiError::bad_request(ProblemCode::MalformedBody, "the body cannot be read")
            }
        })
}

/// 408: the body did not come in time.
pub(crate) fn late() -> ApiError {
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        ProblemCode::BodyTooSlow,
        "the body did not come in time",
    )
}
