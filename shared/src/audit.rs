//! The audit log: who did or read what, and what the names in it say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// One line of the log. It holds numbers only: what was written or read is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number; grows with time.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Number of the user; `null` for the command line and for the antivirus.
    pub actor_id: Option<i64>,
    /// Their name today.
    pub actor: String,
    /// Number of the administrator who acted for them, if one did.
    pub administrator_id: Option<i64>,
    /// The name of that administrator today.
    pub administrator: Option<String>,
    /// What, for programs: `enrollment.show`.
    pub action: String,
    /// On what sort of thing: `enrollment`.
    pub object: String,
    /// On which; empty for a list.
    pub object_id: String,
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
    ("provisioning", "Accès chez un gestionnaire d’API"),
    ("membership", "Rattachement"),
    ("policy", "Politiques"),
    ("key", "Clef de signature"),
    ("client", "Service raccordé à la connexion"),
    ("session", "Session"),
    ("api_client", "Outil connecté à l’API"),
];

/// What the antivirus does, whom nobody asked: there is no actor.
pub const REFUSED_FILE: &str = "document.refuse";

/// Actions, with the words a person reads.
pub const ACTIONS: &[(&str, &str)] = &[
    ("session.open", "S’est connecté"),
    ("session.refused", "S’est vu refuser la connexion"),
    ("session.failed", "Connexion à ce compte refusée\u{a0}: mot de passe ou code erroné, ou trop d’essais"),
    ("session.close", "S’est déconnecté"),
    ("session.end", "A mis fin à une session"),
    ("session.end_others", "A mis fin à ses autres sessions"),
    ("api_client.create", "A connecté un outil à l’API"),
    ("api_client.rotate", "A renouvelé le secret d’un outil"),
    ("api_client.forget_secret", "A retiré l’ancien secret d’un outil"),
    ("api_client.revoke", "A déconnecté un outil"),
    ("api_client.token", "A donné un jeton à un outil"),
    ("membership.list", "A lu les rattachements à vérifier"),
    ("membership.decide", "A répondu à une demande de rattachement"),
    ("membership.accept", "A accepté un rattachement"),
    ("membership.refuse", "A refusé un rattachement"),
    ("contacts.list", "A lu les personnes déjà désignées"),
    ("enrollment.list", "A lu une liste de demandes"),
    ("enrollment.of_organization", "A lu la liste des demandes d’une organisation"),
    ("enrollment.show", "A lu la demande"),
    ("enrollment.create", "A créé la demande"),
    ("enrollment.update", "A modifié la demande"),
    ("enrollment.submit", "A soumis la demande"),
    ("enrollment.withdraw", "A repris la demande"),
    ("enrollment.delete", "A supprimé le brouillon"),
    ("enrollment.restore", "A rétabli le brouillon"),
    ("enrollment.request_changes", "A demandé des modifications"),
    ("enrollment.validate", "A validé la demande"),
    ("enrollment.refuse", "A refusé la demande"),
    ("enrollment.revoke", "A révoqué l’habilitation"),
    ("enrollment.archive", "A archivé la demande"),
    ("enrollment.reopen", "A commencé une mise à jour"),
    ("enrollment.cancel_reopening", "A abandonné une mise à jour"),
    ("enrollment.offer_partial_grant", "A proposé un accord partiel"),
    ("enrollment.accept_offer", "A accepté l’accord partiel"),
    ("enrollment.decline_offer", "A décliné l’accord partiel"),
    ("enrollment.answer_point", "A répondu à une remarque"),
    ("enrollment.assign", "A attribué la demande"),
    ("enrollment.assign_all", "A attribué plusieurs demandes"),
    ("enrollment.versions", "A lu la liste des versions"),
    ("enrollment.compare", "A comparé deux versions"),
    ("enrollment.ask_opinion", "A demandé un avis"),
    ("enrollment.give_opinion", "A rendu un avis"),
    ("enrollment.cancel_opinion", "A retiré une demande d’avis"),
    ("enrollment.opinions", "A lu les avis"),
    ("enrollment.export", "A exporté une liste de demandes"),
    ("enrollment.copy", "A renouvelé la demande"),
    ("enrollment.correct", "A corrigé la demande"),
    ("enrollment.correct_contacts", "A corrigé des coordonnées"),
    ("enrollment.show_transfer", "A lu où en est le transfert"),
    ("enrollment.offer_transfer", "A proposé de transmettre la demande"),
    ("enrollment.ask_transfer", "A demandé le transfert de la demande"),
    ("enrollment.transfer", "A transféré la demande"),
    ("enrollment.decide_transfer", "A voulu répondre sur un transfert"),
    ("enrollment.accept_transfer", "A accepté le transfert"),
    ("enrollment.refuse_transfer", "A refusé le transfert"),
    ("enrollment.withdraw_transfer", "A retiré un transfert"),
    ("enrollment.change_state", "A voulu faire avancer la demande"),
    ("enrollment.mail_preview", "A prévisualisé les courriels"),
    ("enrollment.history", "A lu l’historique"),
    ("enrollment.previous", "A lu l’habilitation préalable"),
    ("authorisation.show", "A lu l’habilitation"),
    ("message.list", "A lu les messages"),
    ("message.write", "A écrit un message"),
    ("message.mark_read", "A marqué les messages comme lus"),
    ("document.download", "A téléchargé un document"),
    ("document.upload", "A joint un document"),
    ("document.remove", "A retiré un document"),
    (REFUSED_FILE, "A refusé un document qui contient un virus"),
    ("user.instructors", "A lu la liste des instructeurs d’une API"),
    ("user.absence", "A changé son absence"),
    ("user.choose_mails", "A choisi les courriels à recevoir"),
    ("user.unsubscribe", "A suivi le lien qui met fin à des courriels"),
    ("user.list", "A lu une liste de personnes"),
    ("user.history", "A lu l’historique de comptes"),
    ("user.delete", "A supprimé son compte"),
    ("user.ban", "A suspendu la personne"),
    ("user.unban", "A rétabli la personne"),
    ("user.impersonate", "A commencé à agir au nom de la personne"),
    ("user.end_impersonation", "A cessé d’agir au nom de la personne"),
    ("role_request.ask", "A demandé un rôle"),
    ("role_request.withdraw", "A retiré une demande de rôle"),
    ("role_request.list", "A lu les demandes de rôle"),
    ("role_request.answer", "A voulu répondre à une demande de rôle"),
    ("role_request.refuse", "A refusé un rôle"),
    ("role.change", "A voulu changer un rôle"),
    ("role.grant", "A donné un rôle"),
    ("role.withdraw", "A retiré un rôle"),
    ("role.history", "A lu l’historique des rôles"),
    ("audit.list", "A lu le journal"),
    ("provisioning.list", "A lu les accès à vérifier"),
    ("provisioning.retry", "A fait réessayer d’ouvrir un accès"),
    ("webhook.create", "A créé un webhook"),
    ("webhook.update", "A modifié un webhook"),
    ("webhook.remove", "A supprimé un webhook"),
    ("webhook.rotate", "A renouvelé le secret d’un webhook"),
    ("webhook.forget_secret", "A retiré l’ancien secret d’un webhook"),
    ("webhook.test", "A essayé un webhook"),
    ("webhook.deliveries", "A lu le journal d’un webhook"),
    ("webhook.replay", "A fait rejouer des envois d’un webhook"),
    ("outbox.list", "A lu les envois en échec"),
    ("outbox.retry", "A fait réessayer un envoi"),
    ("outbox.retry_all", "A fait réessayer tous les envois en échec"),
    ("mailbox.list", "A lu les courriels envoyés"),
    ("policy.reload", "A relu les fichiers de politique"),
    ("policy.publish", "A publié une politique"),
    ("policy.withdraw", "A retiré une politique publiée"),
    ("account.second_factor.remove", "A retiré un second facteur"),
    ("key.rotate", "A renouvelé la clef de signature"),
    ("client.list", "A lu la liste des services raccordés"),
    ("client.create", "A raccordé un service"),
    ("client.rotate", "A renouvelé le secret d’un service"),
    ("client.remove", "A retiré un service"),
];

/// The words for a name of those tables; the name itself where there are none.
pub fn words<'a>(table: &[(&'a str, &'a str)], name: &'a str) -> &'a str {
    table.iter().find(|(known, _)| *known == name).map_or(name, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::Action;

    #[test]
    fn every_step_of_the_workflow_has_words() {
        for &action in Action::ALL
            .iter()
            .filter(|action| !matches!(action, Action::ReadMessages | Action::Notify | Action::Annotate))
        {
            let name = format!("enrollment.{action}");
            assert_ne!(words(ACTIONS, &name), name);
        }
        assert_eq!(words(OBJECTS, "novelty"), "novelty");
    }
}
