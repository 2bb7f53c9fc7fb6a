//! The demonstration: accounts whose password is their identifier, and sample requests in every status.
//!
//! Only ever called by `serve --demo`. The requests are made through the single door, like any other.

mod sample;

use chrono::{DateTime, Duration, Utc};
use shared::change_state::ChangeState;
use shared::opinion::{NewOpinion, Recipient};
use shared::organization::MembershipSource;
use shared::user::{Demarches, Role};

use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::identity::account::password_hash::hash_password;
use crate::ids::EnrollmentId;
use crate::models::account::{self, NewAccount};
use crate::models::membership::Membership;
use crate::models::user::{self, Profile};
use crate::state::AppState;
use crate::transition::{self, Command, Tx};

/// E-mail address, first name, last name, position, roles. The addresses are those of v1's public staging platform.
const ACCOUNTS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("user@yopmail.com", "Camille", "Exemple", "Responsable du service enfance", &[]),
    ("api-particulier@yopmail.com", "Dominique", "Exemple", "Instruction API Particulier", &["api_particulier"]),
    ("api-entreprise@yopmail.com", "Alix", "Exemple", "Instruction API Entreprise", &["api_entreprise"]),
    (REPORTER, "Morgan", "Exemple", "Suivi du quotient familial (avis)", &[]),
    (
        "datapass@yopmail.com",
        "Sacha",
        "Exemple",
        "Administration de la plateforme",
        &["franceconnect", "api_impot_particulier_sandbox", "api_impot_particulier_production"],
    ),
];

const ADMINISTRATOR: &str = "datapass@yopmail.com";

/// Reports on the data of the family allowance funds.
const REPORTER: &str = "rapporteur@yopmail.com";

/// Two public bodies, known to everybody.
const ORGANIZATIONS: &[(&str, &str)] =
    &[("21920023500014", "Commune de Clamart"), ("13002526500013", "Direction interministérielle du numérique")];

/// Creates what is missing. Nothing happens the second time.
///
/// # Errors
/// The database's.
pub async fn fill(state: &AppState) -> Result<()> {
    let created = accounts(state).await?;
    if created {
        // A real register is asked nothing for the samples, and must not be able to refuse them.
        for (siret, _) in ORGANIZATIONS.iter().filter(|_| state.directory.is_embedded()) {
            state.directory.prepare(&state.db, siret.parse().ok().as_ref()).await;
        }
        requests(state).await?;
    }
    Ok(())
}

/// `true` where the accounts were not there yet.
async fn accounts(state: &AppState) -> Result<bool> {
    let (first, ..) = ACCOUNTS.first().copied().unwrap_or_default();
    let first = address(first)?;
    if state.db.read(move |connection| Ok(account::credentials(connection, &first)?.is_some())).await? {
        return Ok(false);
    }
    let mut accounts = Vec::new();
    for (email, given_name, family_name, job, apis) in ACCOUNTS {
        let password_hash = hash_password((*email).to_owned()).await?;
        let new = NewAccount {
            email: address(email)?,
            email_verified: true,
            password_hash,
            given_name: (*given_name).to_owned(),
            family_name: (*family_name).to_owned(),
            phone_number: "01 23 45 67 89".to_owned(),
            job: (*job).to_owned(),
            organizations: memberships(email),
        };
        accounts.push((new, roles(email, apis)));
    }
    state
        .db
        .write(move |connection| {
            let now = now().naive_utc();
            for (new, roles) in &accounts {
                let id = account::create(connection, new, now)?;
                let account = account::find(connection, id)?;
                let profile = Profile {
                    issuer: EMBEDDED_ISSUER.to_owned(),
                    sub: account.sub,
                    email: new.email.to_string(),
                    email_verified: true,
                    given_name: new.given_name.clone(),
                    family_name: new.family_name.clone(),
                    phone_number: new.phone_number.clone(),
                    job: new.job.clone(),
                };
                let organizations: Vec<_> = new.organizations.iter().cloned().filter_map(Option::from).collect();
                let user = user::upsert(connection, &profile, &organizations, now)?;
                for role in roles {
                    user::grant(connection, user, role)?;
                }
            }
            Ok(true)
        })
        .await
}

fn address(text: &str) -> Result<EmailAddress> {
    EmailAddress::parse(text).ok_or_else(|| Error::Internal(format!("{text} is no address")))
}

fn memberships(email: &str) -> Vec<Membership> {
    let of_all = email == "user@yopmail.com";
    let own = ORGANIZATIONS.iter().filter(|(siret, _)| of_all || *siret == "13002526500013");
    own.map(|(siret, label)| Membership::new(siret, label, false, MembershipSource::Operator)).collect()
}

fn roles(email: &str, apis: &[&str]) -> Vec<Role> {
    let mut roles = Vec::new();
    if email == ADMINISTRATOR {
        roles.push(Role::Administrator);
    }
    if email == REPORTER {
        roles.push(Recipient::role("api_particulier", sample::GROUP));
    }
    for api in apis {
        let target_api = (*api).to_owned();
        roles.push(Role::Instructor { target_api: target_api.clone(), demarches: Demarches::All });
        roles.push(Role::Reporter { target_api: target_api.clone(), group: None, demarches: Demarches::All });
        roles.push(Role::Subscriber { target_api, group: None, demarches: Demarches::All });
    }
    roles
}

/// One request per line of [`sample::REQUESTS`], a few days apart.
async fn requests(state: &AppState) -> Result<()> {
    let context = state.context();
    state
        .db
        .write(move |connection| {
            let mut validated_sandbox = None;
            for sample in sample::REQUESTS {
                let mut at = context.now - Duration::days(sample.days_ago);
                let applicant = find(connection, "user@yopmail.com")?;
                let mut members = sample::members(sample);
                if sample.follows_sandbox {
                    members.insert("previous_enrollment_id".to_owned(), serde_json::json!(validated_sandbox));
                }
                let mut moment = context.clone();
                moment.now = at;
                let mut tx = Tx::new(connection, &moment, &applicant);
                let id = EnrollmentId(transition::create(&mut tx, sample.target_api, &members)?.id);
                for (who, action, comment) in sample.steps {
                    at = next_moment(at, context.now);
                    moment.now = at;
                    let actor = find(connection, who)?;
                    let comment = (*comment).to_owned();
                    let Some(mut change) = ChangeState::step(*action, comment) else {
                        return Err(Error::Internal(format!("a sample takes {action}, which is no step")));
                    };
                    if let ChangeState::RequestChanges { points, .. } = &mut change {
                        *points = sample::points();
                    }
                    let mut tx = Tx::new(connection, &moment, &actor);
                    transition::apply(&mut tx, id, None, Command::Step(change))?;
                }
                if sample.intitule == sample::ASKED_ABOUT {
                    let question = sample::QUESTION.to_owned();
                    let due_on = (context.now + Duration::days(7)).date_naive();
                    let new = NewOpinion { recipient: Recipient::Group(sample::GROUP.to_owned()), question, due_on };
                    let instructor = find(connection, sample::PARTICULIER)?;
                    transition::opinions::ask(&mut Tx::new(connection, &moment, &instructor), id, new)?;
                }
                if sample.target_api.ends_with("sandbox") {
                    validated_sandbox = Some(id);
                }
            }
            Ok(())
        })
        .await
}

/// The day after, or the last minute.
fn next_moment(at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (at + Duration::hours(22)).min(now - Duration::minutes(1))
}

fn find(connection: &mut AnyConnection, email: &str) -> Result<shared::user::User> {
    Ok(user::find_by_email(connection, email)?)
}

/// What the terminal says when the server is ready.
pub fn welcome(state: &AppState) -> String {
    use std::fmt::Write as _;

    let url = &state.public_url;
    let mut text = format!("\nDataPass est prêt\u{a0}: {url}\nDocumentation de l’API\u{a0}: {url}/api/docs/\n");
    if state.config.demo {
        text.push_str("\nComptes de démonstration (mot de passe = identifiant) :\n");
        for (email, _, _, job, _) in ACCOUNTS {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {email:<30} {job}");
        }
        let _ = writeln!(text, "\nLes courriels restent sur cette machine\u{a0}: {url}/mailbox");
    }
    text.push('\n');
    text
}
