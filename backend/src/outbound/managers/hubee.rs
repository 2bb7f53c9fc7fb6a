//! `HubEE`: the organisation, then one subscription for each kind of file.
//!
//! Source: v1's bridge and the public client of its successor. `HubEE` tells subscriptions apart by organisation and kind,
//! not by our number; one that is there already is taken over.

use chrono::{DateTime, Utc};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Map, Value, json};
use shared::team_member::TeamMemberType;

use super::{Action, Failure, Order, Remote, RemoteAccess, accepted, body, digits, oauth, read, refused, send};
use crate::config::ClientAccount;

/// The kind of files of those who ask for none by name.
const DEFAULT_PROCESS: &str = "CERTDC";

/// Members that `HubEE` writes itself and does not take back.
const READ_ONLY: [&str; 2] = ["id", "creationDateTime"];

/// Who may be the administrator of a subscription, the first that there is.
const ADMINISTRATORS: [TeamMemberType; 3] =
    [TeamMemberType::ResponsableMetier, TeamMemberType::ContactMetier, TeamMemberType::Demandeur];

/// `HubEE`, with a token.
struct Hubee<'a> {
    http: &'a Client,
    url: &'a str,
    token: String,
}

pub async fn run(
    http: &Client,
    account: &ClientAccount,
    action: Action,
    order: &Order,
    remote: &mut Remote,
) -> Result<String, Failure> {
    if order.commune_code.is_empty() {
        return Err(Failure::passing("le répertoire Sirene ne dit pas la commune de l’organisation"));
    }
    let hubee = Hubee::open(http, account).await?;
    if action == Action::Open {
        hubee.keep_organisation(order).await?;
    }
    let processes: Vec<&str> = match order.scopes.as_slice() {
        [] => vec![DEFAULT_PROCESS],
        scopes => scopes.iter().map(String::as_str).collect(),
    };
    for process in processes {
        let id = match action {
            Action::Open => Some(hubee.subscribe(order, process).await?),
            Action::Withdraw => hubee.end(order, process).await?,
        };
        if let Some(id) = id {
            remote.insert(process.to_owned(), Value::from(id));
        }
    }
    Ok(String::new())
}

/// What it holds for our number.
pub async fn remote_access(
    http: &Client,
    account: &ClientAccount,
    enrollment_id: i64,
) -> Result<RemoteAccess, Failure> {
    let hubee = Hubee::open(http, account).await?;
    let found = hubee.subscriptions(&[("datapassId", &enrollment_id.to_string())]).await?;
    let live: Vec<&Map<String, Value>> =
        found.iter().filter(|one| one.get("endDateTime").is_none_or(Value::is_null)).collect();
    let process = |one: &&Map<String, Value>| one.get("processCode").and_then(Value::as_str).map(ToOwned::to_owned);
    Ok(RemoteAccess { is_open: !live.is_empty(), scopes: Some(live.iter().filter_map(process).collect()) })
}

impl<'a> Hubee<'a> {
    async fn open(http: &'a Client, account: &'a ClientAccount) -> Result<Self, Failure> {
        Ok(Self { http, url: &account.url, token: oauth::token(http, account).await? })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/referential/v1/{path}", self.url)).bearer_auth(&self.token)
    }

    async fn keep_organisation(&self, order: &Order) -> Result<(), Failure> {
        let path = format!("organizations/SI-{}-{}", order.siret, order.commune_code);
        let found = send(self.request(Method::GET, &path)).await?;
        if found.status() != StatusCode::NOT_FOUND {
            return accepted(found).map(drop);
        }
        let administrator = Administrator::of(order)?;
        let organisation = json!({
            "type": "SI",
            "companyRegister": order.siret,
            "branchCode": order.commune_code,
            "name": order.nom_raison_sociale,
            "code": null,
            "country": "France",
            "postalCode": order.zip_code,
            "territory": order.city,
            "email": administrator.email,
            "phoneNumber": administrator.phone_number,
            "status": "Actif",
        });
        // Where somebody else was faster, it is there.
        created(send(self.request(Method::POST, "organizations").json(&organisation)).await?).await.map(drop)
    }

    /// The number of the subscription to that kind of files, made or taken over.
    async fn subscribe(&self, order: &Order, process: &str) -> Result<String, Failure> {
        if let Some(known) = self.subscription(order, process).await? {
            return self.bring_up_to_date(order, process, &known).await;
        }
        let made = send(self.request(Method::POST, "subscriptions").json(&subscription(order, process)?)).await?;
        if let Some(made) = created(made).await? {
            return id_of(&read(made).await?);
        }
        let known = self.subscription(order, process).await?;
        let known = known.ok_or_else(|| Failure::passing("HubEE dit l’abonnement existant et ne le montre pas"))?;
        self.bring_up_to_date(order, process, &known).await
    }

    /// Writes who the administrator is now, and our number; it works again where it had ended.
    async fn bring_up_to_date(
        &self,
        order: &Order,
        process: &str,
        known: &Map<String, Value>,
    ) -> Result<String, Failure> {
        let mut updated = known.clone();
        if let Value::Object(ours) = subscription(order, process)? {
            let kept = ["status", "activateDateTime", "accessMode", "delegationActor"];
            updated.extend(ours.into_iter().filter(|(name, _)| !kept.contains(&name.as_str())));
        }
        self.put(updated).await
    }

    /// Ends the subscription to that kind of files, where there is one; its number.
    async fn end(&self, order: &Order, process: &str) -> Result<Option<String>, Failure> {
        let Some(mut ended) = self.subscription(order, process).await? else { return Ok(None) };
        ended.insert("status".to_owned(), Value::from("Inactif"));
        ended.insert("endDateTime".to_owned(), json!(Utc::now()));
        self.put(ended).await.map(Some)
    }

    async fn put(&self, mut subscription: Map<String, Value>) -> Result<String, Failure> {
        let id = id_of(&subscription)?;
        READ_ONLY.iter().for_each(|name| drop(subscription.remove(*name)));
        accepted(send(self.request(Method::PUT, &format!("subscriptions/{id}")).json(&subscription)).await?)?;
        Ok(id)
    }

    async fn subscription(&self, order: &Order, process: &str) -> Result<Option<Map<String, Value>>, Failure> {
        let query = [("companyRegister", order.siret.as_str()), ("processCode", process)];
        Ok(self.subscriptions(&query).await?.into_iter().next())
    }

    async fn subscriptions(&self, query: &[(&str, &str)]) -> Result<Vec<Map<String, Value>>, Failure> {
        read(send(self.request(Method::GET, "subscriptions").query(query)).await?).await
    }
}

/// The answer to what was made; `None` where `HubEE` says that it is there already, by a 400 whose errors say so.
async fn created(response: Response) -> Result<Option<Response>, Failure> {
    if response.status() != StatusCode::BAD_REQUEST {
        return accepted(response).map(Some);
    }
    let told: Value = serde_json::from_slice(&body(response).await?).unwrap_or_default();
    let errors = told.get("errors").and_then(Value::as_array).into_iter().flatten();
    let mut messages = errors.filter_map(|error| error.get("message")?.as_str());
    if messages.any(|message| message.contains("already exists")) {
        Ok(None)
    } else {
        Err(refused(StatusCode::BAD_REQUEST))
    }
}

fn id_of(subscription: &Map<String, Value>) -> Result<String, Failure> {
    match subscription.get("id") {
        Some(Value::String(id)) => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err(Failure::passing("HubEE n’a pas donné le numéro de l’abonnement")),
    }
}

/// Who looks after a subscription.
struct Administrator<'a> {
    email: &'a str,
    given_name: &'a str,
    family_name: &'a str,
    job: &'a str,
    phone_number: String,
}

impl<'a> Administrator<'a> {
    fn of(order: &'a Order) -> Result<Self, Failure> {
        let member = ADMINISTRATORS.iter().find_map(|kind| order.member(*kind));
        let member = member.ok_or_else(|| Failure::last("la demande ne nomme pas d’administrateur métier"))?;
        Ok(Self {
            email: &member.email,
            given_name: &member.given_name,
            family_name: &member.family_name,
            job: &member.job,
            phone_number: digits(&member.phone_number),
        })
    }
}

fn subscription(order: &Order, process: &str) -> Result<Value, Failure> {
    let administrator = Administrator::of(order)?;
    let now: DateTime<Utc> = Utc::now();
    Ok(json!({
        "datapassId": order.enrollment_id,
        "processCode": process,
        "subscriber": { "type": "SI", "companyRegister": order.siret, "branchCode": order.commune_code },
        "accessMode": null,
        "notificationFrequency": "unitaire",
        "activateDateTime": null,
        "validateDateTime": order.granted_at,
        "rejectDateTime": null,
        "endDateTime": null,
        "updateDateTime": now,
        "delegationActor": null,
        "rejectionReason": null,
        "status": "Inactif",
        "email": administrator.email,
        "localAdministrator": {
            "email": administrator.email,
            "firstName": administrator.given_name,
            "lastName": administrator.family_name,
            "function": administrator.job,
            "phoneNumber": administrator.phone_number,
            "mobileNumber": null,
        },
    }))
}
