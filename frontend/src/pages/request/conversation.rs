//! The state of messages and notes: loading, polling, sending, marking as read. No view here.
//!
//! It outlives the request on the page: after a decision the request is drawn anew, and what was typed stays.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::enrollment::Enrollment;
use shared::message::{Audience, Message, NewMessage};
use shared::policy::Policy;
use shared::rights::{Denial, instructs};
use shared::user::User;
use shared::workflow::{Action, Status};

use crate::api::Answer;
use crate::api::messages as api;
use crate::browser;
use crate::browser::DRAFT_PREFIX;
use crate::loader::Loader;
use crate::pages::request::composer::Composer;
use crate::query::Query;

/// How often new messages are looked for while somebody looks at the page.
const PERIOD: Duration = Duration::from_secs(60);

/// Id of the field of a message.
pub const MESSAGE_ID: &str = "message-texte";

/// Id of the field of a note.
pub const NOTE_ID: &str = "note-texte";

/// The message of who comes from an authorisation (`?contact=H12`) to have contact details put right. It is asked for once: the
/// address is that of the request from then on.
fn asked_correction() -> Option<String> {
    let search = window().location().search().unwrap_or_default();
    let number = Query::parse(&search).get("contact").map(str::to_owned)?;
    browser::forget_search();
    Some(format!(
        "Bonjour,\n\nLes coordonnées d’une personne désignée dans l’habilitation {number} ont changé.\n\n\
         Personne concernée (DPO, responsable de traitement, contact technique…)\u{a0}: \nPrénom et nom\u{a0}: \n\
         Fonction\u{a0}: \nAdresse électronique\u{a0}: \nTéléphone\u{a0}: \n\nMerci de les corriger."
    ))
}

/// The messages and notes of a request.
#[derive(Clone, Copy, Debug)]
pub struct Conversation {
    id: i64,
    /// What was written, oldest first.
    pub messages: Loader<Vec<Message>>,
    /// The message being written.
    pub message: Composer,
    /// The note being written.
    pub note: Composer,
    /// What came while the page was open, in words.
    pub news: RwSignal<String>,
    /// Received messages that nobody had read before this visit.
    new: StoredValue<BTreeSet<i64>>,
}

impl Conversation {
    /// About that request. Nothing is loaded for those who may read none; the applicant may come with a message to write.
    pub fn about(id: i64, may_read: Memo<bool>, is_applicant: Memo<bool>) -> Self {
        let conversation = Self {
            id,
            messages: Loader::new(move || if may_read.get() { api::list(id) } else { Answer::known(Vec::new()) }),
            message: Composer::kept_under(format!("{DRAFT_PREFIX}message.{id}"), MESSAGE_ID),
            note: Composer::kept_under(format!("{DRAFT_PREFIX}note.{id}"), NOTE_ID),
            news: RwSignal::new(String::new()),
            new: StoredValue::new(BTreeSet::new()),
        };
        Effect::new(move |_| {
            if is_applicant.get()
                && let Some(text) = asked_correction()
            {
                conversation.message.begin(text);
            }
        });
        let look = move || {
            if may_read.get_untracked() && !browser::is_hidden() {
                conversation.look();
            }
        };
        if let Ok(timer) = set_interval_with_handle(look, PERIOD) {
            on_cleanup(move || timer.clear());
        }
        conversation
    }

    /// Looks for new messages.
    fn look(self) {
        spawn_local(async move {
            // Without an answer, there is a next time.
            let Ok(now) = api::list(self.id).await else { return };
            if self.news.try_get_untracked().is_none() {
                return;
            }
            let before = untrack(|| self.messages.get()).unwrap_or_default();
            if is_newer(&before, &now) {
                self.news.set(news(&before, &now));
                self.messages.set(now);
            }
        });
    }

    /// Sends what is written there, if it can be.
    pub fn send(self, note: bool) {
        let composer = if note { self.note } else { self.message };
        let Some(text) = composer.start() else { return };
        self.news.set(String::new());
        let new = NewMessage { body: text.trim().to_owned(), note };
        composer.submission.send(api::write(self.id, new), move |all| {
            composer.finish(&text);
            self.messages.set(all);
        });
    }

    /// How many messages wait for that side, once they are there.
    pub fn unread(self, side: Option<Audience>) -> Option<i64> {
        self.messages.read(|all| count(waiting(all, side).count()))
    }

    /// Marks what waits for that side as read once the last message is in sight.
    pub fn mark_when_seen(self, side: Option<Audience>, all: &[Message]) {
        self.new.update_value(|new| new.extend(waiting(all, side).map(|message| message.id)));
        let Some(last) = waiting(all, side).last().map(anchor) else { return };
        let mark = move || {
            spawn_local(async move {
                // Not marked, they wait on: nothing is lost.
                let Ok(all) = api::mark_read(self.id).await else { return };
                if self.news.try_get_untracked().is_some() {
                    self.messages.set(all);
                }
            });
        };
        request_animation_frame(move || browser::when_seen(&last, mark));
    }

    /// What is said of a message beside its date.
    pub fn mark(self, message: &Message) -> ReadState {
        mark(message, self.new.with_value(|new| new.contains(&message.id)))
    }
}

/// Id of a message in the page.
pub fn anchor(message: &Message) -> String {
    format!("message-{}", message.id)
}

/// On which side that user reads and writes, if on any.
pub fn side(user: &User, enrollment: &Enrollment) -> Option<Audience> {
    if user.id == enrollment.demandeur_id {
        Some(Audience::Applicant)
    } else {
        instructs(user, &enrollment.target_api, &enrollment.counts_as).then_some(Audience::Instructors)
    }
}

/// Whether a message has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadState {
    /// The reader sees it for the first time.
    New,
    /// By its audience, since then.
    Read(DateTime<Utc>),
    /// Not yet.
    Unread,
    /// Nobody keeps count of it.
    None,
}

fn mark(message: &Message, is_new: bool) -> ReadState {
    match message.read_at {
        _ if message.audience == Audience::Administration => ReadState::None,
        _ if is_new => ReadState::New,
        Some(at) => ReadState::Read(at),
        None => ReadState::Unread,
    }
}

/// Why the reader cannot write a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageBlock {
    /// They can.
    None,
    /// Everything is over, and said elsewhere.
    Archived,
    /// The API has no messages: there is an address to write to.
    NoMessages,
    /// Requests of this API can only be read.
    Frozen,
    /// The conversation is between others.
    Others,
}

/// Why the reader cannot write a message about that request.
pub fn message_block(enrollment: &Enrollment, policy: &Policy) -> MessageBlock {
    if enrollment.allows(Action::Notify) {
        MessageBlock::None
    } else if enrollment.status == Status::Archived {
        MessageBlock::Archived
    } else if !policy.messaging {
        MessageBlock::NoMessages
    } else if policy.frozen {
        MessageBlock::Frozen
    } else {
        MessageBlock::Others
    }
}

impl MessageBlock {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::None | Self::Archived => String::new(),
            Self::NoMessages => "Cette API n’a pas de messagerie\u{a0}: écrivez à ".to_owned(),
            Self::Frozen => Denial::Frozen.to_string(),
            Self::Others => {
                "Seules la personne qui a déposé la demande et celles chargées de l’instruction s’écrivent ici."
                    .to_owned()
            }
        }
    }
}

fn waiting(all: &[Message], side: Option<Audience>) -> impl Iterator<Item = &Message> {
    all.iter().filter(move |message| Some(message.audience) == side && message.read_at.is_none())
}

/// Whether an answer tells more than what is on the page: an older one, overtaken on its way, tells less.
fn is_newer(before: &[Message], now: &[Message]) -> bool {
    now.len() >= before.len() && now != before
}

/// How many messages came, in words; nothing where none did.
fn news(before: &[Message], now: &[Message]) -> String {
    let messages = |all: &[Message]| all.iter().filter(|one| one.audience != Audience::Administration).count();
    match (messages(now).saturating_sub(messages(before)), messages(now)) {
        (0, _) => String::new(),
        (1, all) => format!("1 nouveau message\u{a0}; {all} en tout."),
        (new, all) => format!("{new} nouveaux messages\u{a0}; {all} en tout."),
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    fn message(id: i64, audience: Audience, read_at: Option<&str>) -> Message {
        Message {
            id,
            audience,
            author: "Jeanne Exemple".to_owned(),
            body: "Bonjour".to_owned(),
            created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
            read_at: read_at.map(|at| at.parse().unwrap()),
        }
    }

    fn user(id: i64, roles: &[&str]) -> User {
        serde_json::from_value(serde_json::json!({
            "id": id, "email": "a@exemple.fr", "email_verified": true, "given_name": "", "family_name": "",
            "phone_number": "", "job": "", "organizations": [], "roles": roles,
        }))
        .unwrap()
    }

    #[test]
    fn each_side_has_its_own_messages_to_read() {
        let enrollment = samples::enrollment();
        let applicant = side(&user(3, &["essai:instructor"]), &enrollment);
        let instructor = side(&user(4, &["essai:instructor"]), &enrollment);
        assert_eq!(applicant, Some(Audience::Applicant));
        assert_eq!(instructor, Some(Audience::Instructors));
        assert_eq!(side(&user(4, &["essai:reporter", "administrator"]), &enrollment), None);
        let all = [
            message(1, Audience::Applicant, Some("2026-01-03T03:04:05Z")),
            message(2, Audience::Applicant, None),
            message(3, Audience::Instructors, None),
            message(4, Audience::Administration, None),
        ];
        let waiting = |side| waiting(&all, side).map(|message| message.id).collect::<Vec<_>>();
        assert_eq!((waiting(applicant), waiting(instructor), waiting(None)), (vec![2], vec![3], vec![]));
    }

    #[test]
    fn a_message_says_whether_it_was_read_and_a_note_does_not() {
        let read = message(1, Audience::Applicant, Some("2026-01-03T03:04:05Z"));
        assert_eq!(mark(&read, false), ReadState::Read(read.read_at.unwrap()));
        assert_eq!(mark(&read, true), ReadState::New, "for the whole of the visit");
        assert_eq!(mark(&message(1, Audience::Applicant, None), false), ReadState::Unread);
        assert_eq!(mark(&message(1, Audience::Administration, None), false), ReadState::None);
    }

    #[test]
    fn who_may_not_write_is_told_why() {
        let (mut policy, mut enrollment) = (samples::policy(), samples::enrollment());
        assert_eq!(message_block(&enrollment, &policy), MessageBlock::NoMessages);
        policy.messaging = true;
        assert_eq!(message_block(&enrollment, &policy), MessageBlock::Others);
        policy.frozen = true;
        assert_eq!(message_block(&enrollment, &policy), MessageBlock::Frozen);
        enrollment.status = Status::Archived;
        assert_eq!(message_block(&enrollment, &policy), MessageBlock::Archived);
        enrollment.actions = vec![Action::Notify];
        assert_eq!(message_block(&enrollment, &policy), MessageBlock::None);
    }

    #[test]
    fn what_came_meanwhile_is_counted_without_notes() {
        let one = vec![message(1, Audience::Applicant, None)];
        let with_note = vec![message(1, Audience::Applicant, None), message(2, Audience::Administration, None)];
        let two = vec![message(1, Audience::Applicant, None), message(3, Audience::Instructors, None)];
        assert_eq!(news(&one, &with_note), "");
        assert_eq!(news(&one, &two), "1 nouveau message\u{a0}; 2 en tout.");
        assert_eq!(news(&[], &two), "2 nouveaux messages\u{a0}; 2 en tout.");
        assert!(is_newer(&one, &two) && is_newer(&one, &with_note));
        assert!(!is_newer(&two, &one) && !is_newer(&one, &one));
    }
}
