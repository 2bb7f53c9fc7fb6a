//! The mails that are about no step of a request: accesses, webhooks, roles, accounts.

use std::collections::BTreeMap;

use chrono::DateTime;
use shared::api::MailSample;
use shared::policy::{Delivery, Policy};
use shared::rights::roles;
use shared::role_request::{RoleRequest, RoleRequestState};
use shared::user::{Demarches, Person, Role};
use shared::webhook::{GrantingEvent, WebhookState};

use super::{APPLICANT, Place};
use crate::connection::types::{Json, Name};
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::Payload;
use crate::models::webhook::WebhookRow;
use crate::notification::account::AccountMail;
use crate::notification::developer::{MailContext, webhook_fails};
use crate::notification::infected_file::{self, InfectedFile};
use crate::notification::provisioning::opened;
use crate::notification::role_request::{RoleRequestEvent, Words, changed, mail};
use crate::outbound::managers::Order;

const INSTRUCTOR: &str = "instruction@exemple.fr";

const ACCOUNT: &[(AccountMail<'_>, &str)] = &[
    (AccountMail::VerificationCode("12345678"), "Compte\u{a0}: code de vérification"),
    (AccountMail::AddressTaken, "Compte\u{a0}: adresse qui a déjà un compte"),
    (AccountMail::PasswordReset("exemple"), "Compte\u{a0}: mot de passe oublié"),
    (AccountMail::UnknownAddress, "Compte\u{a0}: mot de passe oublié, adresse sans compte"),
    (AccountMail::PasswordChanged, "Compte\u{a0}: mot de passe changé"),
    (AccountMail::EmailChanged, "Compte\u{a0}: adresse changée"),
    (AccountMail::SecondFactorOn, "Compte\u{a0}: second facteur ajouté"),
    (AccountMail::SecondFactorOff, "Compte\u{a0}: second facteur retiré"),
    (AccountMail::RecoveryCodeUsed(7), "Compte\u{a0}: code de secours utilisé"),
    (AccountMail::RecoveryCodesChanged, "Compte\u{a0}: codes de secours remplacés"),
    (AccountMail::ToolConnected("Outil de gestion"), "Compte\u{a0}: outil connecté"),
    (AccountMail::AccountDeleted, "Compte\u{a0}: compte supprimé"),
    (AccountMail::JoinRequested("Commune de Clamart"), "Organisation\u{a0}: rattachement demandé"),
    (AccountMail::JoinAccepted("Commune de Clamart"), "Organisation\u{a0}: rattachement accepté"),
    (
        AccountMail::JoinRefused("Commune de Clamart", "Vous n’y travaillez plus."),
        "Organisation\u{a0}: rattachement refusé",
    ),
];

/// All of them.
///
/// # Errors
/// A text that cannot be rendered.
pub(super) fn all(policy: &Policy, place: Place<'_>) -> Result<Vec<MailSample>> {
    let mut shown = Vec::new();
    let mut show = |when: &str, payload: Payload| {
        if let Payload::Mail { from, reply_to, mail, .. } = payload {
            shown.push(MailSample { when: when.to_owned(), from, reply_to, kind: None, mail });
        }
    };
    if policy.deliveries.iter().any(|delivery| *delivery != Delivery::Webhook) {
        let link = "https://exemple.fr/acces";
        show("Accès ouvert", opened(&order(policy), link, (place.public_url, place.mail_from), APPLICANT)?);
    }
    let (webhook, error) = (webhook(policy), "réponse 500");
    let context = MailContext { public_url: place.public_url.to_owned(), mail_from: place.mail_from.to_owned() };
    for (when, end) in
        [("Webhook en échec", None), ("Webhook désactivé", Some("tous les appels échouent depuis cinq jours"))]
    {
        let told = (EnrollmentId(42), error, end);
        show(when, webhook_fails(&context, &webhook, told, "developpement@exemple.fr")?);
    }
    let file = InfectedFile {
        filename: "décret.pdf",
        virus: "Eicar-Test",
        id: 42,
        intitule: "Tarification de la cantine",
        nom_raison_sociale: "Commune de Clamart",
    };
    show("Fichier refusé par l’antivirus", infected_file::mail(&context, file, APPLICANT)?);
    for (when, payload) in of_roles(policy, place)? {
        show(when, payload);
    }
    for (mail, when) in ACCOUNT {
        show(when, mail.render(APPLICANT, place.public_url, place.mail_from)?);
    }
    Ok(shown)
}

fn of_roles(policy: &Policy, place: Place<'_>) -> Result<Vec<(&'static str, Payload)>> {
    let role = Role::Instructor { target_api: policy.target_api.clone(), demarches: Demarches::All };
    let label = roles::label(&role, &policy.label, Some(policy));
    let words = Words { role: &label, public_url: place.public_url, mail_from: place.mail_from };
    let asked = RoleRequest {
        id: 7,
        role,
        reason: "J’instruis ces demandes depuis lundi.".to_owned(),
        manager_email: "responsable@exemple.fr".to_owned(),
        email: INSTRUCTOR.to_owned(),
        name: "Andrea Exemple".to_owned(),
        organizations: vec!["Commune de Clamart".to_owned()],
        state: RoleRequestState::Waiting,
        answer: "Ici, le texte de qui décide.".to_owned(),
        answered_by: "Camille Exemple".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        answered_at: None,
    };
    let person = |has_account| Person {
        email: INSTRUCTOR.to_owned(),
        name: String::new(),
        has_account,
        ban: None,
        roles: Vec::new(),
    };
    let author = "Camille Exemple";
    Ok(vec![
        ("Rôle demandé", mail(RoleRequestEvent::Asked, &asked, words, "gestion@exemple.fr")?),
        ("Rôle demandé, puis donné", mail(RoleRequestEvent::Given, &asked, words, INSTRUCTOR)?),
        ("Rôle demandé, puis refusé", mail(RoleRequestEvent::Refused, &asked, words, INSTRUCTOR)?),
        ("Rôle donné", changed(&person(true), true, author, words)?),
        ("Rôle donné à qui n’a pas de compte", changed(&person(false), true, author, words)?),
        ("Rôle retiré", changed(&person(true), false, author, words)?),
        ("Rôle retiré à qui n’a pas de compte", changed(&person(false), false, author, words)?),
    ])
}

fn order(policy: &Policy) -> Order {
    Order {
        enrollment_id: 42,
        authorisation: "H7".to_owned(),
        target_api: policy.target_api.clone(),
        siret: "21920023500014".to_owned(),
        nom_raison_sociale: "Commune de Clamart".to_owned(),
        intitule: "Tarification de la cantine".to_owned(),
        scopes: Vec::new(),
        applicant_sub: String::new(),
        team_members: Vec::new(),
        additional_content: BTreeMap::new(),
        commune_code: String::new(),
        zip_code: String::new(),
        city: String::new(),
        granted_at: DateTime::UNIX_EPOCH,
    }
}

fn webhook(policy: &Policy) -> WebhookRow {
    WebhookRow {
        id: "0198".to_owned(),
        target_api: policy.target_api.clone(),
        url: "https://exemple.fr/datapass".to_owned(),
        events: Json(Vec::new()),
        granting_event: Name(GrantingEvent::Approve),
        secret: String::new(),
        previous_secret: None,
        state: Name(WebhookState::On),
        disabled_reason: String::new(),
        failing_since: None,
        created_at: DateTime::UNIX_EPOCH.naive_utc(),
    }
}
