//! Who may ask for an API, by their activity in the Sirene register; and whether one organisation may, by its number.

use actix_web::http::StatusCode;
use minijinja::{Value, context};
use shared::organization::{Establishment, Siret};
use shared::policy::{Naf, Policy};
use shared::validation::rules;

use crate::error::{Error, Result};
use crate::identity::sign_in::attempt::Attempt;
use crate::outbound::sirene;
use crate::public::Visit;

/// What became of a number that somebody tried.
#[derive(Debug, Default)]
pub struct Tried {
    /// The number, as it was typed.
    siret: String,
    /// What is wrong with the number itself; empty for nothing.
    error: String,
    /// What there is to say of the organisation.
    outcome: Option<Outcome>,
    /// Of the page: 200 where the number can be looked up.
    pub status: StatusCode,
}

impl Tried {
    /// For the template.
    pub fn to_value(&self) -> Value {
        let outcome = |outcome: &Outcome| {
            context! {
                tone => outcome.tone,
                title => &outcome.title,
                text => &outcome.text,
                activity => &outcome.activity,
                source => outcome.source,
            }
        };
        context! { siret => &self.siret, error => &self.error, outcome => self.outcome.as_ref().map(outcome) }
    }
}

/// What there is to say of an organisation.
#[derive(Debug)]
struct Outcome {
    /// The kind of alert: `success`, `info`, `warning`, `error`.
    tone: &'static str,
    title: String,
    text: String,
    /// What the register calls its activity.
    activity: String,
    /// Where what is said does not come from today's register.
    source: &'static str,
}

impl Outcome {
    fn new(tone: &'static str, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: text.into(), activity: String::new(), source: "" }
    }
}

/// The activities that have the right, where the policy says which.
pub fn activities(policy: &Policy) -> Option<Value> {
    let naf = policy.naf.as_ref()?;
    let lines = sirene::activities(&naf.prefixes).into_iter().map(|(code, label)| context! { code, label });
    Some(context! { refuses => naf.refuses, lines => lines.collect::<Value>() })
}

/// Looks up the number that the address of the page names, if it does. What one gets to know is said on the page, whatever
/// it is: nothing here is an error of whoever asks but a wrong number.
///
/// # Errors
/// The database's.
pub async fn tried(visit: &Visit, policy: &Policy, siret: Option<String>) -> Result<Tried> {
    let (Some(naf), Some(typed)) = (&policy.naf, siret) else { return Ok(Tried::default()) };
    let wrong = |status, error| Tried { siret: typed.clone(), error, outcome: None, status };
    let number = match typed.parse::<Siret>() {
        Ok(number) => number,
        Err(error) => {
            let text = format!("Vérifiez ce que vous avez saisi\u{a0}: {error}.");
            return Ok(wrong(StatusCode::UNPROCESSABLE_ENTITY, text));
        }
    };
    // Others must not use up, by way of us, what the register gives us in a minute.
    if visit.session.user.is_none() && Attempt::lookup(&visit.request, &visit.state).begin().is_err() {
        let text = "Beaucoup de numéros ont été essayés depuis votre réseau\u{a0}: réessayez dans quelques minutes.";
        return Ok(wrong(StatusCode::TOO_MANY_REQUESTS, text.to_owned()));
    }
    let outcome = match visit.state.directory.find(&visit.state.db, &number).await {
        Ok(known) => of(naf, &known),
        Err(Error::NotFound) => Outcome::new(
            "warning",
            "Ce numéro n’est pas dans le répertoire Sirene",
            "Le répertoire ne le connaît pas, ou l’organisation a demandé à ne pas y figurer. Vérifiez que c’est le bon établissement.",
        ),
        Err(Error::BadGateway(why)) => {
            tracing::warn!("an organisation could not be looked up for a visitor: {why}");
            Outcome::new(
                "info",
                "Le répertoire Sirene ne répond pas",
                "L’activité de cette organisation n’a pas pu être vérifiée. Réessayez plus tard\u{a0}; rien ne vous empêche de commencer une demande.",
            )
        }
        Err(error) => return Err(error),
    };
    Ok(Tried { siret: typed, outcome: Some(outcome), ..Tried::default() })
}

/// What the activity of an establishment lets one expect.
fn of(naf: &Naf, known: &Establishment) -> Outcome {
    let name = &known.name;
    let outcome = if let Some(closed) = rules::closed(known) {
        Outcome::new("error", format!("{name}\u{a0}: établissement fermé"), closed.detail)
    } else if known.activity.is_empty() {
        let text =
            "Le répertoire ne dit pas son activité, qui n’a donc pas pu être vérifiée. Elle ne vous sera pas opposée.";
        Outcome::new("info", name, text)
    } else if naf.accepts(Some(known)) {
        let text = "Son activité est de celles auxquelles cette demande s’adresse. La réponse dépend ensuite du contenu de la demande.";
        Outcome::new("success", format!("{name} est normalement éligible"), text)
    } else {
        let tone = if naf.refuses { "error" } else { "warning" };
        Outcome::new(tone, format!("{name} n’est normalement pas éligible"), &naf.message)
    };
    let activity = match (known.activity_label.as_str(), known.activity.as_str()) {
        (_, "") => String::new(),
        ("", code) => code.to_owned(),
        (label, code) => format!("{label} ({code})"),
    };
    let source = match (known.is_sample, known.is_stale) {
        (true, _) => "Établissement d’exemple, inventé pour essayer DataPass.",
        (false, true) => "Le répertoire Sirene ne répond pas\u{a0}: c’est ce qu’il disait la dernière fois.",
        (false, false) => "",
    };
    Outcome { activity, source, ..outcome }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_activity_of_an_establishment_tells_what_to_expect() {
        let naf = |refuses| Naf { prefixes: vec!["84".to_owned()], refuses, message: "Pas pour elle.".to_owned() };
        let outcome = |refuses, activity: &str, is_open| {
            let known: Establishment = serde_json::from_value(json!({
                "siret": "13002526500013", "name": "DINUM", "address": "", "activity": activity,
                "activity_label": "", "legal_category": "", "legal_category_label": "", "is_open": is_open,
                "closed_on": null, "source": "embedded", "is_sample": false, "fetched_at": "2026-01-01T00:00:00Z",
            }))
            .unwrap();
            let Outcome { tone, text, .. } = of(&naf(refuses), &known);
            (tone, text.contains("Pas pour elle."))
        };
        assert_eq!(outcome(true, "84.11Z", true), ("success", false));
        assert_eq!(outcome(true, "", true), ("info", false));
        assert_eq!(outcome(true, "47.11A", true), ("error", true));
        assert_eq!(outcome(false, "47.11A", true), ("warning", true));
        assert_eq!(outcome(false, "84.11Z", false), ("error", false));
    }
}
