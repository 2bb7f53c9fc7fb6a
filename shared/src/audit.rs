//! The audit log: who did or read what, and what the names in it say.

mod sentences;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::sentences::{CHANGES, READS, REFUSED_FILE, Sentence, label, sentence};
use crate::wire_enum;

wire_enum! {
    /// What became of it.
    pub enum Outcome {
        /// It was done, or read.
        Done = "done",
        /// It was refused.
        Denied = "denied",
    }
}

/// One line of the log. The log holds numbers only: what was written or read is not in it. Names are those of today, looked up
/// when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number; grows with time.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Number of the user; `null` for the command line and for the antivirus.
    pub actor_id: Option<i64>,
    /// Their name.
    pub actor: String,
    /// Their e-mail address; empty for the command line and for the antivirus.
    pub actor_email: String,
    /// Number of the administrator who acted for them, if one did.
    pub administrator_id: Option<i64>,
    /// The name of that administrator.
    pub administrator: Option<String>,
    /// What, for programs: `enrollment.show`.
    pub action: String,
    /// On what sort of thing: `enrollment`.
    pub object: String,
    /// On which; empty for a list.
    pub object_id: String,
    /// What it is called, with its article: « la demande n° 42 « Cantine » (API Particulier) ». Empty for a list; where there
    /// is no longer any such thing, it says so.
    pub thing: String,
    /// The page of it on this site; empty where there is none.
    pub page: String,
    /// Why, as the person wrote it; empty where nobody asked.
    pub reason: String,
    /// The request to the server, as its own log calls it.
    pub request_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its place in the chain, once it is sealed.
    pub sequence: Option<i64>,
    /// How often, from `at` on and within ten minutes: 1, but for refused sign-ins, which are counted together.
    pub times: i64,
}

/// Sorts of things, with the word a person reads.
pub const OBJECTS: &[(&str, &str)] = &[
    ("enrollment", "Demande"),
    ("authorisation", "Habilitation"),
    ("user", "Personne"),
    ("role_change", "Changement de rôle"),
    ("role_request", "Demande de rôle"),
    ("audit", "Journal"),
    ("mailbox", "Courriels"),
    ("outbox", "Envois en échec"),
    ("webhook", "Webhook"),
    ("decision_template", "Modèle de décision"),
    ("provisioning", "Accès chez un gestionnaire d’API"),
    ("membership", "Rattachement"),
    ("policy", "Politiques"),
    ("key", "Clef de signature"),
    ("client", "Service raccordé à la connexion"),
    ("session", "Session"),
    ("api_client", "Outil connecté à l’API"),
    ("account", "Compte"),
];

/// The word for a sort of thing; its name where there is none.
pub fn object_label(name: &str) -> &str {
    OBJECTS.iter().find(|(known, _)| *known == name).map_or(name, |(_, word)| word)
}
