//! The sentences of the audit log, one for each action: they follow the name of who did it.
//!
//! What stands in braces is said where no thing is named, and replaced by the thing where one is: « a validé {une demande} »,
//! « a validé la demande n° 42 ».

use crate::french;

/// What the antivirus does, whom nobody asked: there is no actor.
pub const REFUSED_FILE: &str = "document.refuse";

/// What changes something, or takes data along.
pub const CHANGES: &[(&str, &str)] = &[
    ("session.open", "s’est connecté"),
    ("session.refused", "s’est vu refuser la connexion"),
    ("session.failed", "\u{a0}: connexion à son compte refusée (mot de passe ou code erroné, ou trop d’essais)"),
    ("session.close", "s’est déconnecté"),
    ("session.end", "a mis fin à une de ses sessions"),
    ("session.end_others", "a mis fin à ses autres sessions"),
    ("api_client.create", "a connecté {un outil} à l’API"),
    ("api_client.rotate", "a renouvelé le secret {d’un outil}"),
    ("api_client.forget_secret", "a retiré l’ancien secret {d’un outil}"),
    ("api_client.revoke", "a déconnecté {un outil}"),
    ("api_client.token", "a donné un jeton à {un outil}"),
    ("membership.decide", "a voulu décider {d’un rattachement}"),
    ("membership.accept", "a accepté {un rattachement}"),
    ("membership.refuse", "a refusé {un rattachement}"),
    ("enrollment.create", "a créé {une demande}"),
    ("enrollment.update", "a modifié {une demande}"),
    ("enrollment.submit", "a soumis {une demande}"),
    ("enrollment.withdraw", "a repris {une demande}"),
    ("enrollment.delete", "a supprimé le brouillon {d’une demande}"),
    ("enrollment.restore", "a rétabli le brouillon {d’une demande}"),
    ("enrollment.request_changes", "a demandé des modifications dans {une demande}"),
    ("enrollment.validate", "a validé {une demande}"),
    ("enrollment.refuse", "a refusé {une demande}"),
    ("enrollment.revoke", "a révoqué l’habilitation {d’une demande}"),
    ("enrollment.archive", "a archivé {une demande}"),
    ("enrollment.reopen", "a commencé une mise à jour {d’une demande}"),
    ("enrollment.cancel_reopening", "a abandonné la mise à jour {d’une demande}"),
    ("enrollment.offer_partial_grant", "a proposé un accord partiel pour {une demande}"),
    ("enrollment.accept_offer", "a accepté l’accord partiel pour {une demande}"),
    ("enrollment.decline_offer", "a décliné l’accord partiel pour {une demande}"),
    ("enrollment.answer_point", "a répondu à une remarque sur {une demande}"),
    ("enrollment.assign", "a attribué {une demande}"),
    ("enrollment.assign_all", "a attribué plusieurs demandes"),
    ("enrollment.ask_opinion", "a demandé un avis sur {une demande}"),
    ("enrollment.give_opinion", "a rendu un avis sur {une demande}"),
    ("enrollment.cancel_opinion", "a retiré une demande d’avis sur {une demande}"),
    ("enrollment.export", "a exporté une liste de demandes"),
    ("enrollment.copy", "a renouvelé {une demande}"),
    ("enrollment.correct", "a corrigé {une demande}"),
    ("enrollment.correct_contacts", "a corrigé des coordonnées dans {une demande}"),
    ("enrollment.offer_transfer", "a proposé de transmettre {une demande}"),
    ("enrollment.ask_transfer", "a demandé le transfert {d’une demande}"),
    ("enrollment.transfer", "a transféré {une demande}"),
    ("enrollment.decide_transfer", "a voulu répondre sur le transfert {d’une demande}"),
    ("enrollment.accept_transfer", "a accepté le transfert {d’une demande}"),
    ("enrollment.refuse_transfer", "a refusé le transfert {d’une demande}"),
    ("enrollment.withdraw_transfer", "a retiré le transfert {d’une demande}"),
    ("enrollment.change_state", "a voulu faire avancer {une demande}"),
    ("message.write", "a écrit un message sur {une demande}"),
    ("message.mark_read", "a marqué comme lus les messages {d’une demande}"),
    ("document.upload", "a joint un document à {une demande}"),
    ("document.remove", "a retiré un document {d’une demande}"),
    (REFUSED_FILE, "a refusé un document qui contient un virus, joint à {une demande}"),
    ("user.absence", "a changé son absence"),
    ("user.choose_mails", "a choisi les courriels à recevoir"),
    ("user.unsubscribe", "a suivi le lien qui met fin à des courriels"),
    ("user.delete", "a supprimé son compte"),
    ("user.ban", "a suspendu le compte {d’une personne}"),
    ("user.unban", "a rétabli le compte {d’une personne}"),
    ("user.impersonate", "a commencé à agir au nom {d’une personne}"),
    ("user.end_impersonation", "a cessé d’agir au nom {d’une personne}"),
    ("role_request.ask", "a demandé {un rôle}"),
    ("role_request.withdraw", "a retiré sa demande {d’un rôle}"),
    ("role_request.answer", "a voulu décider {d’une demande de rôle}"),
    ("role_request.refuse", "a refusé {un rôle}"),
    ("role.change", "a voulu changer {un rôle}"),
    ("role.grant", "a donné {un rôle}"),
    ("role.withdraw", "a retiré {un rôle}"),
    ("audit.export", "a exporté le journal"),
    ("provisioning.retry", "a fait réessayer d’ouvrir l’accès {d’une demande}"),
    ("webhook.create", "a créé {un webhook}"),
    ("webhook.update", "a modifié {un webhook}"),
    ("webhook.remove", "a supprimé {un webhook}"),
    ("webhook.rotate", "a renouvelé le secret {d’un webhook}"),
    ("webhook.forget_secret", "a retiré l’ancien secret {d’un webhook}"),
    ("webhook.test", "a essayé {un webhook}"),
    ("webhook.replay", "a fait rejouer des envois {d’un webhook}"),
    ("decision_template.create", "a créé {un modèle de décision}"),
    ("decision_template.update", "a modifié {un modèle de décision}"),
    ("decision_template.remove", "a supprimé {un modèle de décision}"),
    ("outbox.retry", "a fait réessayer {un envoi}"),
    ("outbox.retry_all", "a fait réessayer tous les envois en échec"),
    ("policy.reload", "a relu les fichiers de politique"),
    ("policy.publish", "a publié {une politique}"),
    ("policy.withdraw", "a retiré {une politique} publiée"),
    ("account.second_factor.remove", "a retiré le second facteur d’un compte"),
    ("key.rotate", "a renouvelé la clef de signature"),
    ("client.create", "a raccordé {un service}"),
    ("client.rotate", "a renouvelé le secret {d’un service}"),
    ("client.remove", "a retiré {un service}"),
];

/// What only reads.
pub const READS: &[(&str, &str)] = &[
    ("membership.list", "a lu les rattachements à vérifier"),
    ("contacts.list", "a lu les personnes déjà désignées"),
    ("enrollment.list", "a lu une liste de demandes"),
    ("enrollment.of_organization", "a lu la liste des demandes d’une organisation"),
    ("enrollment.show", "a lu {une demande}"),
    ("enrollment.versions", "a lu la liste des versions {d’une demande}"),
    ("enrollment.compare", "a comparé deux versions {d’une demande}"),
    ("enrollment.opinions", "a lu les avis sur {des demandes}"),
    ("enrollment.show_transfer", "a lu où en est le transfert {d’une demande}"),
    ("enrollment.mail_preview", "a prévisualisé les courriels pour {une demande}"),
    ("enrollment.offered_messages", "a lu les messages proposés pour une décision sur {une demande}"),
    ("enrollment.history", "a lu l’historique {d’une demande}"),
    ("enrollment.previous", "a lu l’habilitation préalable à {une demande}"),
    ("authorisation.show", "a lu {une habilitation}"),
    ("message.list", "a lu les messages {d’une demande}"),
    ("document.download", "a téléchargé un document {d’une demande}"),
    ("user.instructors", "a lu la liste des instructeurs d’une API"),
    ("user.list", "a lu une liste de personnes"),
    ("user.history", "a lu l’historique de comptes"),
    ("role_request.list", "a lu les demandes de rôle"),
    ("role.history", "a lu l’historique des rôles"),
    ("audit.list", "a lu le journal"),
    ("provisioning.list", "a lu les accès à vérifier"),
    ("webhook.deliveries", "a lu le journal {d’un webhook}"),
    ("outbox.list", "a lu les envois en échec"),
    ("mailbox.list", "a lu les courriels envoyés"),
    ("client.list", "a lu la liste des services raccordés"),
];

/// What follows the name of who did it, around the thing that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Up to the thing, with what parts it from the name.
    pub before: String,
    /// The thing; empty where the sentence names none.
    pub thing: String,
    /// After it.
    pub after: String,
}

impl Sentence {
    /// The whole.
    pub fn text(&self) -> String {
        [self.before.as_str(), &self.thing, &self.after].concat()
    }
}

fn template(action: &str) -> &str {
    let mut all = CHANGES.iter().chain(READS);
    all.find(|(known, _)| *known == action).map_or(action, |(_, sentence)| sentence)
}

/// The parts of a sentence: before the braces, in them, after them.
fn parts(template: &str) -> (&str, Option<&str>, &str) {
    let Some((before, rest)) = template.split_once('{') else { return (template, None, "") };
    let (within, after) = rest.split_once('}').unwrap_or((rest, ""));
    (before, Some(within), after)
}

/// The sentence of an action about that thing, which may be empty. An action that has none is told by its name.
pub fn sentence(action: &str, thing: &str) -> Sentence {
    let (before, unnamed, after) = parts(template(action));
    // A colon has its own space before it.
    let mut before = if before.starts_with('\u{a0}') { before.to_owned() } else { format!(" {before}") };
    let thing = match unnamed {
        Some(unnamed) if thing.is_empty() => {
            before.push_str(unnamed);
            String::new()
        }
        Some(unnamed) if unnamed.starts_with("d’") => {
            let (of, thing) = french::parted(thing);
            before.push_str(of);
            thing.to_owned()
        }
        Some(_) => thing.to_owned(),
        None => String::new(),
    };
    Sentence { before, thing, after: after.to_owned() }
}

/// What an action is called where it is chosen: « A validé une demande ».
pub fn label(action: &str) -> String {
    let text = sentence(action, "").text();
    let text = text.trim_start_matches(['\u{a0}', ':', ' ']);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::object_label;
    use crate::workflow::Action;

    #[test]
    fn every_step_of_the_workflow_has_a_sentence() {
        for &action in Action::ALL
            .iter()
            .filter(|action| !matches!(action, Action::ReadMessages | Action::Notify | Action::Annotate))
        {
            let name = format!("enrollment.{action}");
            assert_ne!(template(&name), name);
        }
        assert_eq!((object_label("novelty"), template("novelty.show")), ("novelty", "novelty.show"));
    }

    #[test]
    fn no_action_has_two_sentences_and_braces_come_in_pairs() {
        let mut names: Vec<&str> = CHANGES.iter().chain(READS).map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        for (name, sentence) in CHANGES.iter().chain(READS) {
            let (opened, closed) = (sentence.matches('{').count(), sentence.matches('}').count());
            assert!(opened == closed && opened <= 1, "{name}");
        }
    }

    #[test]
    fn a_sentence_names_its_thing() {
        let told = |action: &str, thing: &str| sentence(action, thing).text();
        assert_eq!(told("enrollment.validate", "la demande n° 4"), " a validé la demande n° 4");
        assert_eq!(told("enrollment.validate", ""), " a validé une demande");
        assert_eq!(told("user.ban", "Anne Exemple"), " a suspendu le compte d’Anne Exemple");
        assert_eq!(told("user.ban", "Camille Exemple"), " a suspendu le compte de Camille Exemple");
        assert_eq!(told("webhook.rotate", "le webhook de l’API"), " a renouvelé le secret du webhook de l’API");
        assert_eq!(told("api_client.create", "l’outil X"), " a connecté l’outil X à l’API");
        assert_eq!(told("session.open", "Anne Exemple"), " s’est connecté");
        assert!(told("session.failed", "").starts_with("\u{a0}: connexion"));
        assert_eq!(told("novelty.show", ""), " novelty.show");
    }

    #[test]
    fn an_action_is_chosen_by_its_sentence() {
        assert_eq!(label("role.grant"), "A donné un rôle");
        assert!(label("session.failed").starts_with("Connexion à son compte"));
        assert_eq!(label("session.open"), "S’est connecté");
    }
}
