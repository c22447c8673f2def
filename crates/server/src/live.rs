//! `/live`: the stream that tells an open page to look again.
//!
//! A stream lives for a few minutes and is then opened anew by the browser, so that an ended session or a
//! changed right is noticed. It carries no data, only the word to refresh.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use identity::web::{Ask, Failure, Query};
use platform::live::Live;
use serde::Deserialize;
use tokio_stream::wrappers::BroadcastStream;

const LIFE: Duration = Duration::from_secs(240);

/// What the page shows.
#[derive(Deserialize)]
pub struct Watch {
    topic: String,
}

/// Streams `refresh` whenever something under the topic changes in the asker's practice.
///
/// # Errors
/// The database, when the asker can't be made out.
pub async fn live(ask: Ask, Query(watch): Query<Watch>) -> Result<Response, Failure> {
    let (app, actor, tx) = ask.into_parts();
    // The stream must not hold a connection of the pool.
    tx.commit().await?;
    let practice = actor.practice;
    let notices = BroadcastStream::new(app.live.listen()).filter_map(move |notice| {
        // A reader that fell behind may have missed something, so it looks again too.
        let concerns = notice.map_or(true, |notice| Live::concerns(&notice, practice, &watch.topic));
        std::future::ready(concerns.then(|| Ok::<_, Infallible>(Event::default().event("refresh").data("now"))))
    });
    let hello = futures_util::stream::iter([Ok(Event::default()
        .event("hello")
        .retry(Duration::from_secs(2))
        .data("now"))]);
    #[expect(
        clippy::disallowed_methods,
        reason = "the life of a connection, not a rule about time"
    )]
    let ended = Box::pin(tokio::time::sleep(LIFE));
    let stream = hello.chain(notices).take_until(ended);
    Ok(Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
        .into_response())
}
