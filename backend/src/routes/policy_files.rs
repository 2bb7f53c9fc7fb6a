//! The policy files, for administrators: where each comes from, what one that is tried would say, publishing it.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, put, web};
use shared::policy_file::{
    NewPolicyChange, PolicyDraft, PolicyFile, PolicyFiles, PolicyProblem, PolicyText, PolicyTrial,
};

use super::input::Body;
use crate::administration::policies;
use crate::auth::{Administrator, RecentlyAuthenticated};
use crate::error::{Error, Result};
use crate::models::policy_change;
use crate::notification::samples::{self, Place};
use crate::policies::{InForce, aside, check, differences, skeleton};
use crate::rights;
use crate::state::AppState;

/// Where each policy in force comes from, those that were published and cannot be read, and why the files of the server were
/// not taken, if they were not.
#[utoipa::path(
    summary = "Lister les fichiers de politique (administrateur)",
    operation_id = "list_policy_files",
    tag = "Politiques",
    responses((status = 200, body = PolicyFiles))
)]
#[get("/policy_files")]
pub async fn list(state: web::Data<AppState>, _: Administrator) -> Result<HttpResponse> {
    let in_force = state.policies.in_force();
    let file = |(slug, label): (&String, &String)| {
        Some(PolicyFile { target_api: slug.clone(), label: label.clone(), source: in_force.source(slug)? })
    };
    let mut policies: Vec<PolicyFile> =
        in_force.catalogue.iter().filter_map(|(slug, policy)| file((slug, &policy.label))).collect();
    policies.sort_by(|a, b| a.label.cmp(&b.label));
    let files = PolicyFiles { policies, unread: in_force.unread(), failure: state.policies.failure() };
    Ok(HttpResponse::Ok().json(files))
}

/// The policy file of an API and its changes. For an API that does not exist, a file to begin with.
#[utoipa::path(
    summary = "Lire le fichier de politique d’une API (administrateur)",
    operation_id = "show_policy_file",
    tag = "Politiques",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    responses((status = 200, body = PolicyText))
)]
#[get("/policy_files/{target_api}")]
pub async fn show(state: web::Data<AppState>, _: Administrator, target_api: web::Path<String>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(read(&state, target_api.into_inner()).await?))
}

async fn read(state: &AppState, target_api: String) -> Result<PolicyText> {
    state.policies.follow(&state.db).await?;
    let in_force = state.policies.in_force();
    let text = match in_force.text(&target_api) {
        Some(text) => text.to_owned(),
        None => skeleton::of(&target_api).map_err(|_| Error::NotFound)?,
    };
    let own = target_api.clone();
    let mut changes = state.db.read(move |connection| Ok(policy_change::of_api(connection, &own)?)).await?;
    // What was changed since is not in the text, and so must not be told as seen.
    changes.retain(|change| change.id <= in_force.latest);
    Ok(PolicyText {
        source: in_force.source(&target_api),
        beneath: in_force.beneath(&target_api),
        text,
        latest: changes.first().map(|change| change.id),
        changes,
        target_api,
    })
}

/// A text that was published for an API.
#[utoipa::path(
    summary = "Lire une version publiée d’une politique (administrateur)",
    operation_id = "former_policy_file",
    tag = "Politiques",
    params(
        ("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier"),
        ("id" = i64, Path, description = "Numéro du changement")
    ),
    responses((status = 200, body = PolicyDraft))
)]
#[get("/policy_files/{target_api}/changes/{id}")]
pub async fn former(
    state: web::Data<AppState>,
    _: Administrator,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse> {
    let (target_api, id) = path.into_inner();
    let text = state.db.read(move |connection| Ok(policy_change::text(connection, &target_api, id)?)).await?;
    Ok(HttpResponse::Ok().json(PolicyDraft { text }))
}

/// What a policy file would say, with what is wrong with it by line. Nothing is kept.
#[utoipa::path(
    summary = "Essayer un fichier de politique (administrateur)",
    operation_id = "check_policy_file",
    tag = "Politiques",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    request_body = PolicyDraft,
    responses((status = 200, body = PolicyTrial))
)]
#[post("/policy_files/{target_api}/check")]
pub async fn check_one(
    state: web::Data<AppState>,
    _: Administrator,
    target_api: web::Path<String>,
    Body(draft): Body<PolicyDraft>,
) -> Result<HttpResponse> {
    let text = policies::checked_text(&draft.text)?;
    if !check::is_slug(&target_api) {
        return Err(Error::NotFound);
    }
    let in_force = state.policies.in_force();
    let shared = state.clone();
    let tried = aside(move || tried(&shared, &in_force, &target_api, text)).await??;
    Ok(HttpResponse::Ok().json(tried))
}

fn tried(state: &AppState, in_force: &Arc<InForce>, target_api: &str, text: String) -> Result<PolicyTrial> {
    let check::Tried { policy, problems, warnings } = in_force.tried(target_api, text);
    let told = |found: Vec<_>| found.into_iter().map(PolicyProblem::from).collect();
    let mut trial = PolicyTrial {
        problems: told(problems),
        warnings: told(warnings),
        policy: None,
        differences: Vec::new(),
        rights: Vec::new(),
        mails: Vec::new(),
    };
    if let Some(policy) = policy {
        let place = Place {
            public_url: &state.public_url,
            mail_from: &state.config.mail_from,
            team_email: state.config.team_email.as_deref().unwrap_or_default(),
        };
        trial.differences = differences::between(in_force.catalogue.get(target_api).map(AsRef::as_ref), &policy);
        trial.rights = rights::tables(&policy)
            .map_err(|error| Error::Internal(format!("the table of rights cannot be made: {error}")))?;
        trial.mails = samples::of(&policy, place)?;
        trial.policy = Some(policy);
    }
    Ok(trial)
}

/// Publishes a policy file, or withdraws the one that was published. It is in force at once, and in every process within five
/// seconds. Requests stay with the revision that they were written under.
#[utoipa::path(
    summary = "Publier la politique d’une API, ou la retirer (administrateur)",
    description = "Ce qui est publié est conservé dans la base et l’emporte sur les fichiers du serveur, aussitôt et partout \
                   en moins de cinq secondes. Il faut s’être authentifié depuis moins de dix minutes\u{a0}: sinon \
                   `insufficient_user_authentication`.",
    operation_id = "publish_policy_file",
    tag = "Politiques",
    params(("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier")),
    request_body = NewPolicyChange,
    responses((status = 200, description = "Le fichier en vigueur", body = PolicyText))
)]
#[put("/policy_files/{target_api}")]
pub async fn publish(
    state: web::Data<AppState>,
    _: Administrator,
    RecentlyAuthenticated(user_id, _): RecentlyAuthenticated,
    target_api: web::Path<String>,
    Body(new): Body<NewPolicyChange>,
) -> Result<HttpResponse> {
    let target_api = target_api.into_inner();
    policies::change(&state.policies, &state.db, user_id, target_api.clone(), new).await?;
    // An API that was withdrawn for good is begun anew.
    Ok(HttpResponse::Ok().json(read(&state, target_api).await?))
}
