//! The messages that are offered to who decides on a request: the templates of its API, filled in, and what earlier decisions said.

use shared::decision_message::{self, DECISIONS, OfferedMessages, OfferedTemplate, Variable};
use shared::problem::ItemCode;
use shared::rights;
use shared::workflow::Action;

use super::Tx;
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::{decision_template, enrollment, event};

/// How many requests are looked at for what earlier decisions said, the latest.
const LATEST: i64 = 500;

/// What is offered for that decision on a request.
///
/// # Errors
/// No such request (404); not theirs to decide (403), or not now (409); no message goes with it (422).
pub fn offered(tx: &mut Tx<'_>, id: EnrollmentId, decision: Action) -> Result<OfferedMessages> {
    let loaded = tx.load_for(decision, id)?;
    if !DECISIONS.contains(&decision) {
        let detail = "Aucun message au demandeur n’accompagne cette décision.";
        return Err(Error::invalid_parameter("decision", ItemCode::NotEligible, detail));
    }
    let number = id.to_string();
    let value = |variable| match variable {
        Variable::Number => number.as_str(),
        Variable::Title => loaded.record.content.0.intitule.trim(),
        Variable::Organization => loaded.record.nom_raison_sociale.as_str(),
        Variable::Api => loaded.in_force.label.as_str(),
    };
    let target_api = loaded.record.target_api.as_str();
    let templates = decision_template::of_api(tx.connection, target_api)?
        .into_iter()
        .filter(|template| template.decision == decision)
        .filter_map(|template| {
            let text = decision_message::filled(&template.body, value).ok()?;
            Some(OfferedTemplate { name: template.name, text, is_default: template.is_default })
        })
        .collect();
    let latest = enrollment::latest_of_api(tx.connection, target_api, LATEST)?.into_iter();
    let readable = latest.filter(|(_, demarche)| rights::sees_assignment(tx.user, target_api, demarche));
    let ids: Vec<EnrollmentId> = readable.map(|(id, _)| id).collect();
    let used = decision_message::most_used(event::comments(tx.connection, &ids, decision)?);
    Ok(OfferedMessages { templates, used })
}
