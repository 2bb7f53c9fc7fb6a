//! How long the answers of an API take, in words.

use minijinja::{Value, context};
use shared::policy::Policy;
use shared::queue::{MIN_DECISIONS, WaitingTimes, days_begun};

use crate::error::Result;
use crate::public::Visit;
use crate::transition::queue;

/// The waiting times of an API, and how they are counted.
///
/// # Errors
/// The database's.
pub async fn of(visit: &Visit, policy: &Policy) -> Result<Value> {
    let (context, target_api) = (visit.state.context(), policy.target_api.clone());
    let times = visit.state.db.read(move |c| queue::waiting_times(c, &context, &target_api)).await?;
    Ok(context! { sentence => sentence(&times), definition => definition(&times) })
}

fn sentence(times: &WaitingTimes) -> String {
    match (times.p50_seconds, times.p80_seconds) {
        (Some(half), Some(most)) => {
            format!("La moitié des demandes reçoivent une réponse en {}, huit sur dix en {}.", days(half), days(most))
        }
        _ => format!(
            "Moins de {MIN_DECISIONS} demandes ont reçu une réponse depuis un an\u{a0}: c’est trop peu pour indiquer un délai."
        ),
    }
}

fn definition(times: &WaitingTimes) -> String {
    let decisions = match times.decisions {
        0 => "aucune décision".to_owned(),
        1 => "une décision".to_owned(),
        count => format!("{count} décisions"),
    };
    format!(
        "Ce délai est le temps pendant lequel l’administration avait la demande en main, du dépôt à la validation ou au \
         refus, en jours entamés. Le temps que le demandeur met à modifier sa demande ne compte pas. Calcul sur \
         {decisions} depuis le {}.",
        times.since.format("%d/%m/%Y")
    )
}

/// Days that have begun.
fn days(seconds: i64) -> String {
    match days_begun(seconds) {
        1 => "un jour".to_owned(),
        days => format!("{days} jours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_decisions_are_said_to_be_too_few() {
        let times = |p50, p80| WaitingTimes {
            p50_seconds: p50,
            p80_seconds: p80,
            decisions: 7,
            since: chrono::NaiveDate::default(),
        };
        assert!(sentence(&times(None, None)).contains("trop peu"));
        assert_eq!(
            sentence(&times(Some(3 * 86_400 - 1), Some(9 * 86_400 - 1))),
            "La moitié des demandes reçoivent une réponse en 3 jours, huit sur dix en 9 jours."
        );
    }
}
