//! The page of one API: what it is, what its request asks for, who may ask, how long it takes.

mod eligibility;
mod questions;
mod waiting;

use actix_web::HttpResponse;
use minijinja::{Value, context};
use openidconnect::url::form_urlencoded;
use serde::Deserialize;
use shared::api::{PolicySummary, chain};
use shared::policy::{Policy, PolicyStage};

use super::{About, Visit, catalogue};
use crate::error::Result;
use crate::policies::Catalogue;

#[derive(Default, Deserialize)]
struct Asked {
    /// A use case, which the request then starts with.
    demarche: Option<String>,
    /// An organisation of which one wants to know whether it may ask.
    siret: Option<String>,
}

/// Presents an API.
///
/// # Errors
/// The database's; the template cannot be filled in.
pub async fn page(visit: &Visit, policy: &Policy) -> Result<HttpResponse> {
    let asked: Asked = serde_urlencoded::from_str(visit.request.query_string()).unwrap_or_default();
    let demarche = asked.demarche.filter(|id| policy.demarche(id).is_some());
    let policies = visit.state.policies.current();
    let tried = eligibility::tried(visit, policy, asked.siret).await?;
    let parts = questions::parts(policy);
    let label_of =
        |slug: &String| context! { href => catalogue::address(slug), label => catalogue::label_of(&policies, slug) };
    let offered = !policy.retired && !policy.frozen;
    let values = context! {
        policy => facts(policy),
        stage => policy.stage.map(PolicyStage::label),
        steps => steps(&policies, policy),
        waiting => if policy.can_be_started() { Some(waiting::of(visit, policy).await?) } else { None },
        start => policy.can_be_started().then(|| start(visit, policy, demarche.as_deref())),
        elsewhere => policy.start_url.as_deref().filter(|_| offered).map(catalogue::site),
        instead => policy.replaced_by.iter().map(label_of).collect::<Value>(),
        previous => policy.previous.as_ref().map(label_of),
        count => questions::count(&parts),
        minutes => questions::minutes(&parts),
        activities => eligibility::activities(policy),
        parts => questions::to_value(&parts),
        tried => tried.to_value(),
        demarche,
    };
    let about = About::page(policy.label.as_str(), policy.description.as_str(), catalogue::address(&policy.target_api));
    visit.page(About { status: tried.status, ..about }, "public/api.html", values)
}

/// What the policy itself says, as it stands there.
fn facts(policy: &Policy) -> Value {
    context! {
        target_api => &policy.target_api,
        label => &policy.label,
        description => &policy.description,
        introduction => &policy.introduction,
        provider => &policy.provider.label,
        retired => policy.retired,
        frozen => policy.frozen,
        start_url => &policy.start_url,
        one_per_organisation => policy.one_per_organisation,
        documentation_url => &policy.documentation_url,
        cgu_url => &policy.cgu_url,
        support_email => &policy.support_email,
    }
}

/// Where the request is started: by way of signing in, for a visitor.
fn start(visit: &Visit, policy: &Policy, demarche: Option<&str>) -> String {
    let mut path = format!("{}/{}", catalogue::PATH, policy.target_api);
    if let Some(id) = demarche {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("demarche", id).finish();
        path.push_str(&format!("?{query}"));
    }
    if visit.session.user.is_some() { path } else { visit.sign_in_url(&path) }
}

/// The steps of which this API is one, where there are several: `number` is its own, from 1.
fn steps(policies: &Catalogue, policy: &Policy) -> Option<Value> {
    let all: Vec<PolicySummary> = policies.values().map(|policy| policy.as_ref().into()).collect();
    let steps = chain(&all, &policy.target_api);
    let present = steps.iter().position(|step| step.target_api == policy.target_api)?;
    let lines = steps.iter().enumerate().map(|(place, step)| {
        context! { href => catalogue::address(&step.target_api), label => &step.label, present => place == present }
    });
    let next = steps.get(present + 1).map(|step| &step.label);
    (steps.len() > 1)
        .then(|| context! { number => present + 1, count => steps.len(), next, lines => lines.collect::<Value>() })
}
