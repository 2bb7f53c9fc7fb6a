//! API managers: what opens, changes and withdraws the access that an authorisation gives a right to.
//!
//! Each call may be made again: what is there already is found or left as it is, so that what was cut off half-way is taken
//! up.

mod aidants_connect;
mod hubee;
mod oauth;
mod piste;
mod token_manager;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::draft::Answer;
use shared::policy::Delivery;
use shared::team_member::{TeamMember, TeamMemberType};

use super::Unread;
use crate::config::Managers as Accounts;

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a manager is told of an authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Number of the enrollment: what the access is known by.
    pub enrollment_id: i64,
    /// The authorisation in force, H and digits.
    pub authorisation: String,
    pub target_api: String,
    /// The organisation.
    pub siret: String,
    pub nom_raison_sociale: String,
    pub intitule: String,
    /// The data, by their names in tokens.
    pub scopes: Vec<String>,
    /// What our identity provider calls the applicant: what the manager sees when they sign in there.
    pub applicant_sub: String,
    pub team_members: Vec<TeamMember>,
    pub additional_content: BTreeMap<String, Answer>,
    /// Where the organisation is; empty where that is not known.
    pub commune_code: String,
    pub zip_code: String,
    pub city: String,
    pub granted_at: DateTime<Utc>,
}

impl Order {
    fn member(&self, kind: TeamMemberType) -> Option<&TeamMember> {
        self.team_members.iter().find(|member| member.kind == kind)
    }

    fn answer(&self, id: &str) -> &str {
        match self.additional_content.get(id) {
            Some(Answer::Text(text)) => text,
            _ => "",
        }
    }
}

/// What is asked of a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Open the access, or bring it up to date.
    Open,
    /// Withdraw it.
    Withdraw,
}

/// What a manager calls what it has opened, by our words; kept between calls.
pub type Remote = Map<String, Value>;

/// The member of a [`Remote`] that lists the people whom the manager may not have taken.
const UNCONFIRMED: &str = "unconfirmed";

/// How many people the manager may not have taken.
pub fn unconfirmed(remote: &Remote) -> usize {
    remote.get(UNCONFIRMED).and_then(Value::as_array).map_or(0, Vec::len)
}

/// Why a manager did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For instructors and administrators; without anything personal.
    pub text: String,
    /// Trying again changes nothing: somebody has to do something.
    pub is_final: bool,
}

impl Failure {
    fn passing(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_final: false }
    }

    fn last(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_final: true }
    }
}

/// What a manager says that it holds for an enrollment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAccess {
    /// The access works.
    pub is_open: bool,
    /// The data that it gives, where the manager says so.
    pub scopes: Option<Vec<String>>,
}

/// The managers that are connected.
#[derive(Clone)]
pub struct Managers {
    http: reqwest::Client,
    accounts: Accounts,
}

impl Managers {
    /// With those accounts.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(accounts: Accounts) -> anyhow::Result<Self> {
        Ok(Self { http: super::builder().timeout(TIMEOUT).build()?, accounts })
    }

    /// Whether the operator has connected that manager.
    pub const fn has(&self, manager: Delivery) -> bool {
        match manager {
            Delivery::Webhook => false,
            Delivery::TokenManager => self.accounts.token_manager.is_some(),
            Delivery::HubeeSubscription => self.accounts.hubee.is_some(),
            Delivery::AidantsConnectOrganisation => self.accounts.aidants_connect.is_some(),
            Delivery::PisteApplication => self.accounts.piste.is_some(),
        }
    }

    /// Has a manager do that. What it calls what it has opened goes into `remote` as it is learnt, also where the rest
    /// fails; the link where the holder goes on is returned, empty for none.
    ///
    /// # Errors
    /// Why it was not, or not wholly, done.
    pub async fn run(
        &self,
        manager: Delivery,
        action: Action,
        order: &Order,
        remote: &mut Remote,
    ) -> Result<String, Failure> {
        let http = &self.http;
        match (manager, &self.accounts) {
            (Delivery::TokenManager, Accounts { token_manager: Some(account), .. }) => {
                token_manager::run(http, account, action, order, remote).await
            }
            (Delivery::HubeeSubscription, Accounts { hubee: Some(account), .. }) => {
                hubee::run(http, account, action, order, remote).await
            }
            (Delivery::PisteApplication, Accounts { piste: Some(account), .. }) => {
                piste::run(http, account, action, order, remote).await
            }
            (Delivery::AidantsConnectOrganisation, Accounts { aidants_connect: Some(account), .. }) => {
                aidants_connect::run(http, account, action, order, remote).await
            }
            _ => Err(Failure::last("ce gestionnaire n’est plus raccordé à DataPass")),
        }
    }

    /// What a manager holds for an enrollment; `None` where it cannot be asked.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn remote_access(&self, manager: Delivery, enrollment_id: i64) -> Result<Option<RemoteAccess>, Failure> {
        match (manager, &self.accounts) {
            (Delivery::TokenManager, Accounts { token_manager: Some(account), .. }) => {
                token_manager::remote_access(&self.http, account, enrollment_id).await.map(Some)
            }
            (Delivery::HubeeSubscription, Accounts { hubee: Some(account), .. }) => {
                hubee::remote_access(&self.http, account, enrollment_id).await.map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Makes a call. What is personal in its address and its body stays out of the reason.
async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    request.send().await.map_err(|error| {
        Failure::passing(if error.is_timeout() {
            format!("pas de réponse en {} secondes", TIMEOUT.as_secs())
        } else {
            "connexion impossible".to_owned()
        })
    })
}

/// The JSON of an answer that is a success.
async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let response = accepted(response)?;
    let body = body(response).await?;
    serde_json::from_slice(&body).map_err(|_| Failure::passing("réponse illisible"))
}

async fn body(response: Response) -> Result<Vec<u8>, Failure> {
    super::body(response).await.map_err(|unread| {
        Failure::passing(match unread {
            Unread::Interrupted(_) => "l’échange s’est interrompu",
            Unread::TooLong => "réponse trop longue",
        })
    })
}

/// An answer that is a success.
fn accepted(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() { Ok(response) } else { Err(refused(status)) }
}

fn refused(status: StatusCode) -> Failure {
    Failure::passing(format!("réponse {}", status.as_u16()))
}

/// A telephone number without what people put between digits.
fn digits(phone_number: &str) -> String {
    phone_number.chars().filter(|character| !" .-\u{a0}".contains(*character)).collect()
}
