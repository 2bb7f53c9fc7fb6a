//! Webhooks: signed calls that tell the service of an API what happens to its requests. How they are made is the server's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::wire_enum;
use crate::workflow::EventName;

/// The events that a webhook may ask for. Reminders change nothing.
pub const EVENTS: &[EventName] = &[
    EventName::Create,
    EventName::Update,
    EventName::Submit,
    EventName::RequestChanges,
    EventName::Validate,
    EventName::Refuse,
    EventName::Revoke,
    EventName::Archive,
    EventName::Delete,
    EventName::Restore,
    EventName::Withdraw,
    EventName::Reopen,
    EventName::CancelReopening,
    EventName::OfferPartialGrant,
    EventName::DeclineOffer,
    EventName::Copy,
    EventName::Correct,
    EventName::CorrectContacts,
    EventName::Transfer,
];

wire_enum! {
    /// What a call says when something is granted.
    #[derive(Default)]
    pub enum GrantingEvent {
        /// The name at which the services that are known answer with the token they have made.
        #[default]
        Approve = "approve",
        /// v1's name.
        Validate = "validate",
    }
}

wire_enum! {
    /// Whether a webhook is called.
    pub enum WebhookState {
        /// It is.
        On = "on",
        /// Somebody has switched it off: what happens meanwhile waits.
        Off = "off",
        /// It was switched off because its receiver is gone, or fails for days: what happens meanwhile waits.
        Disabled = "disabled",
    }
}

impl WebhookState {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::On => "Actif",
            Self::Off => "Suspendu",
            Self::Disabled => "Désactivé après des échecs",
        }
    }
}

/// A webhook to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// The API whose requests it tells of.
    pub target_api: String,
    /// The address to call: https, without credentials, on a public network.
    pub url: String,
    /// What to tell; at least one.
    pub events: Vec<EventName>,
    /// What a grant is called.
    #[serde(default)]
    pub granting_event: GrantingEvent,
}

/// A change of a webhook: only what is there changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookChanges {
    /// The address to call.
    pub url: Option<String>,
    /// What to tell; at least one.
    pub events: Option<Vec<EventName>>,
    /// What a grant is called.
    pub granting_event: Option<GrantingEvent>,
    /// Switched on, it goes on where it stopped.
    pub active: Option<bool>,
}

/// A webhook, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its number.
    pub id: String,
    /// The API whose requests it tells of.
    pub target_api: String,
    /// The address that is called.
    pub url: String,
    /// What it tells.
    pub events: Vec<EventName>,
    /// What a grant is called.
    pub granting_event: GrantingEvent,
    /// Whether it is called.
    pub state: WebhookState,
    /// Why it was switched off; empty unless it is `disabled`.
    pub disabled_reason: String,
    /// Since when every call has failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// Whether calls are still signed with the secret before the present one, too.
    pub has_previous_secret: bool,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
}

/// A webhook with its secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// What its calls are signed with: `whsec_` and the key in base64.
    pub secret: String,
}

wire_enum! {
    /// Where a delivery stands.
    pub enum DeliveryState {
        /// It waits: for its turn, or for the webhook to be switched on.
        Pending = "pending",
        /// A call failed, and another one follows.
        Failing = "failing",
        /// The receiver took it.
        Delivered = "delivered",
        /// It is called no more, unless it is replayed.
        GivenUp = "given_up",
    }
}

impl DeliveryState {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "En attente",
            Self::Failing => "En échec, sera réessayé",
            Self::Delivered => "Remis",
            Self::GivenUp => "Abandonné",
        }
    }
}

/// What a webhook tells of one event, and the calls that were made for it. What is personal is masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WebhookDelivery {
    /// Its number, the same in each call: `webhook-id`.
    pub id: String,
    /// What the receiver is told.
    pub event: String,
    /// The request that it is about.
    pub enrollment_id: i64,
    /// Grows with each change of the request.
    pub sequence: i64,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is called next, where a call is planned.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The body of the call, with names, addresses and what people wrote masked.
    pub body: Value,
    /// The calls, oldest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookAttempt {
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub milliseconds: i32,
    /// What the receiver answered; `null` where it did not.
    pub status: Option<i32>,
    /// Why it failed; empty where it did not.
    pub error: String,
    /// The beginning of the answer, with what is personal masked.
    pub answer: String,
}

impl WebhookAttempt {
    /// Whether the receiver took it.
    pub fn is_success(&self) -> bool {
        self.error.is_empty()
    }
}

/// What to deliver again: one delivery, or those of a span of time that is bounded on one side at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// The number of one.
    pub delivery: Option<String>,
    /// What happened from then on.
    pub from: Option<DateTime<Utc>>,
    /// What happened before then.
    pub until: Option<DateTime<Utc>>,
}
