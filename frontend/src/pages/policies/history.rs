//! What was done to the policy of an API: who, when, why; and returning to a version.

use leptos::prelude::*;
use shared::policy_file::PolicyChange;

use super::desk::Desk;
use crate::api::policy_files;
use crate::components::date;
use crate::shell::submitting::RefusalAlert;
use crate::submission::Submission;

/// The changes, newest first.
pub fn history(desk: Desk) -> AnyView {
    let changes = desk.file.with_value(|file| file.changes.clone());
    let lines = if changes.is_empty() {
        view! { <p>"Aucune version n’a été publiée ici."</p> }.into_any()
    } else {
        // The newest is in force already.
        let line = |(place, change): (usize, PolicyChange)| line(desk, change, place == 0);
        view! { <ul class="dp-roles">{changes.into_iter().enumerate().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby="politique-historique">
            <h2 class="fr-h4 fr-mt-6w" id="politique-historique">
                "Historique"
            </h2>
            {lines}
        </section>
    }
    .into_any()
}

fn line(desk: Desk, change: PolicyChange, is_newest: bool) -> AnyView {
    let PolicyChange { id, is_published, reason, actor, created_at } = change;
    let when = date::date_time(created_at);
    let what = if is_published { "Publiée" } else { "Retirée, pour le fichier du serveur," };
    let about = format!(" du {when}");
    let submission = Submission::of_button(&format!("version-{id}"));
    let take = move |_| {
        submission.send(policy_files::former(&desk.target_api(), id), move |former| {
            desk.replace(former.text);
            desk.check(|| {});
        });
    };
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="fr-text--bold fr-mb-0">{format!("{what} le {when} par {actor}")}</p>
            <p class="dp-text fr-mb-1w">{reason}</p>
            {(is_published && !is_newest)
                .then(|| {
                    view! {
                        <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=take>
                            "Revenir à cette version"
                            <span class="fr-sr-only">{about}</span>
                        </button>
                        <RefusalAlert submission title="Cette version n’a pas pu être reprise" />
                    }
                })}
        </li>
    }
    .into_any()
}
