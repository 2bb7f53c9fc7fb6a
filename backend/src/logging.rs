//! What goes to the log, whatever is asked for: codes, routes and numbers of ours, nothing that a caller or another service
//! wrote. What one request leaves there is in [`crate::routes::log`].

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::error::Error;

/// The log, of what `filter` asks for (`RUST_LOG`).
///
/// Libraries are heard from `info` up only: below, actix-web quotes addresses and lettre whole mails.
pub fn subscriber<W>(filter: &str, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let is_ours = |target: &str| target.split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    let quotes_nobody = filter_fn(move |metadata| *metadata.level() <= Level::INFO || is_ours(metadata.target()));
    let asked = EnvFilter::builder().with_default_directive(LevelFilter::ERROR.into()).parse_lossy(filter);
    Registry::default().with(asked).with(fmt::layer().with_writer(writer).with_filter(quotes_nobody))
}

/// An error as the log has it: its code, and what happened where that is our own fault or another service's. What it says to
/// the caller quotes them.
pub fn told(error: &Error) -> String {
    let code = error.code();
    match error {
        Error::Database(error) => format!("{code}: {}", unquoted(&error.to_string())),
        Error::Pool(error) => format!("{code}: {}", unquoted(&error.to_string())),
        Error::Internal(detail) | Error::BadGateway(detail) => format!("{code}: {}", unquoted(detail)),
        _ => code.to_string(),
    }
}

/// The text without what stands in quotation marks: engines and parsers put values there.
fn unquoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = opening(rest) {
        let (before, quoted) = rest.split_at(at);
        kept.push_str(before);
        kept.push('…');
        let mark = quoted.get(..1).unwrap_or_default();
        // What is never closed is left out to the end; so is a value that holds its own mark.
        rest =
            quoted.get(1..).and_then(|inside| inside.rfind(mark).and_then(|end| inside.get(end + 1..))).unwrap_or("");
    }
    kept.push_str(rest);
    kept
}

/// Where a quotation begins. An apostrophe within a word is none.
fn opening(text: &str) -> Option<usize> {
    let within_word = |at| text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    let is_mark = |at, c| matches!(c, '"' | '`') || c == '\'' && !within_word(at);
    text.char_indices().find(|(at, c)| is_mark(*at, *c)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        for (text, kept) in [
            ("no such table", "no such table"),
            ("invalid input syntax for type bigint: \"a@exemple.fr\"", "invalid input syntax for type bigint: …"),
            ("invalid type: string \"a \\\" b\", expected u8", "invalid type: string …, expected u8"),
            ("unknown variant `Zoé`, expected `a` or `b`", "unknown variant …"),
            ("it isn't there", "it isn't there"),
            ("near 'O'Brien': syntax error", "near …: syntax error"),
            ("it is 'never closed", "it is …"),
        ] {
            assert_eq!(unquoted(text), kept);
        }
    }
}
