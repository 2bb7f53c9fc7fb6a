//! Aidants Connect: the organisation, then each of its « aidants ».
//!
//! Source: v1's bridge and the receiver's own code. It answers 202 to what it creates and 200 to what is there already,
//! also to an « aidant » that it does not take; it knows no withdrawal.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use shared::team_member::TeamMemberType;

use super::{Action, Failure, Order, Remote, UNCONFIRMED, accepted, send};
use crate::config::KeyAccount;

/// What Aidants Connect calls the sorts of organisations, by the answers of our form (`RequestOriginConstants`).
const TYPES: &[(&str, i64)] = &[
    ("ccas", 2),
    ("centre-social", 3),
    ("secretariat-mairie", 4),
    ("maisons-departementales-solidarites", 5),
    ("mediatheque", 6),
    ("autre-guichet", 7),
    ("guichet-accueil-osp", 8),
    ("association", 9),
    ("structure-medico-sociale", 10),
    ("independant", 11),
];

/// Any other sort.
const OTHER_TYPE: i64 = 12;

pub async fn run(
    http: &Client,
    account: &KeyAccount,
    action: Action,
    order: &Order,
    remote: &mut Remote,
) -> Result<String, Failure> {
    if action == Action::Withdraw {
        let text = "Aidants Connect ne retire pas d’habilitation à distance\u{a0}: demandez-le à son équipe";
        return Err(Failure::last(text));
    }
    let post = async |path: &str, body: &Value| {
        let request = http.post(format!("{}{path}", account.url)).bearer_auth(&account.key).json(body);
        Ok::<StatusCode, Failure>(accepted(send(request).await?)?.status())
    };
    post("/datapass_receiver/", &organisation(order)).await?;
    let kept = |remote: &Remote, name: &str| -> Vec<Value> {
        remote.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (mut told, mut unconfirmed) = (kept(remote, "aidants"), kept(remote, UNCONFIRMED));
    let is_asked = |email: &Value| order.team_members.iter().any(|member| *email == member.email.as_str());
    unconfirmed.retain(is_asked);
    for aidant in order.team_members.iter().filter(|member| member.kind == TeamMemberType::Aidant) {
        if told.iter().any(|email| email == aidant.email.as_str()) {
            continue;
        }
        let body = json!({
            "data_pass_id": order.enrollment_id,
            "first_name": aidant.given_name,
            "last_name": aidant.family_name,
            "email": aidant.email,
            "profession": aidant.job,
        });
        if post("/datapass_habilitation/", &body).await? == StatusCode::OK {
            unconfirmed.push(Value::from(aidant.email.as_str()));
        }
        remote.insert(UNCONFIRMED.to_owned(), Value::from(unconfirmed.clone()));
        told.push(Value::from(aidant.email.as_str()));
        remote.insert("aidants".to_owned(), Value::from(told.clone()));
    }
    remote.insert(UNCONFIRMED.to_owned(), Value::from(unconfirmed));
    Ok(String::new())
}

fn organisation(order: &Order) -> Value {
    let kind =
        TYPES.iter().find(|(answer, _)| *answer == order.answer("type_projet")).map_or(OTHER_TYPE, |(_, id)| *id);
    json!({
        "data_pass_id": order.enrollment_id,
        "organization_name": order.nom_raison_sociale,
        "organization_siret": order.siret,
        "organization_address": order.answer("organization_address"),
        "organization_postal_code": order.answer("organization_postal_code"),
        "organization_city": order.answer("organization_city"),
        "organization_type": kind,
    })
}
