//! What came of a text that was checked: its problems, then its form, rights and mails, and the button that publishes it.

use std::sync::Arc;

use leptos::prelude::*;
use shared::policy_file::{PolicyProblem, PolicyTrial};

use super::desk::{Desk, RESULTS, TEXT, outdated};
use super::differences::differences;
use super::publishing::Publishing;
use super::rights::rights;
use super::trial_form::trial_form;
use crate::browser;
use crate::components::accordion::Accordion;
use crate::components::alert::{Alert, Tone};
use crate::pages::mail_templates::mails;

/// All of it.
pub fn results(desk: Desk, publishing: Publishing, text: String, trial: PolicyTrial) -> AnyView {
    let PolicyTrial { problems, warnings, policy, differences: changes, rights: tables, mails: samples } = trial;
    let file = format!("{}.toml", desk.target_api());
    let is_new = desk.file.with_value(|file| file.source.is_none());
    let seen = policy.map(|policy| {
        let policy = Arc::new(policy);
        let is_form_asked = RwSignal::new(false);
        let user = desk.user;
        let (changed, mailed) = (changes.len(), samples.len());
        view! {
            <div class="fr-accordions-group fr-mb-4w">
                <Accordion id="politique-differences" title=counted_title("Ce qui change", changed) level=2>
                    {differences(changes, is_new)}
                </Accordion>
                <Accordion
                    id="politique-formulaire"
                    title="Le formulaire, comme un demandeur le voit".to_owned()
                    level=2
                    on_open=Callback::new(move |()| is_form_asked.set(true))
                >
                    {move || is_form_asked.get().then(|| trial_form(Arc::clone(&policy), user.get_value()))}
                </Accordion>
                <Accordion id="politique-droits" title="Les droits".to_owned() level=2>
                    {tables.into_iter().map(rights).collect_view()}
                </Accordion>
                <Accordion id="politique-courriels" title=counted_title("Les courriels", mailed) level=2>
                    {mails(samples)}
                </Accordion>
            </div>
            {publishing.publish_button()}
        }
    });
    view! {
        <section aria-labelledby=RESULTS>
            <h2 class="fr-h4 fr-mt-6w" id=RESULTS tabindex="-1">
                "Résultat de la vérification"
            </h2>
            {outdated(desk, text)}
            {summary(problems, warnings, &file)}
            {seen}
        </section>
    }
    .into_any()
}

fn counted_title(title: &str, count: usize) -> String {
    format!("{title} ({count})")
}

fn summary(problems: Vec<PolicyProblem>, warnings: Vec<PolicyProblem>, file: &str) -> AnyView {
    let counted = |count: usize, one: &str, several: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    let verdict = if problems.is_empty() {
        view! {
            <Alert tone=Tone::Success title="Aucun problème">
                <p>"Regardez ce qu’elle donne, puis publiez-la."</p>
            </Alert>
        }
        .into_any()
    } else {
        let title = counted(problems.len(), "problème à corriger", "problèmes à corriger");
        let lines = problem_lines(problems, Some(file));
        view! { <Alert tone=Tone::Error title>{lines}</Alert> }.into_any()
    };
    let odd = (!warnings.is_empty()).then(|| {
        let title = counted(warnings.len(), "avertissement", "avertissements");
        let lines = problem_lines(warnings, Some(file));
        view! {
            <Alert tone=Tone::Warning title>
                <p>"Un avertissement n’empêche pas de publier."</p>
                {lines}
            </Alert>
        }
    });
    view! {
        {verdict}
        {odd}
    }
    .into_any()
}

/// Problems with their places: those of the file on the screen lead to their line.
pub fn problem_lines(problems: Vec<PolicyProblem>, on_screen: Option<&str>) -> AnyView {
    let line = |PolicyProblem { file, line, column, message }: PolicyProblem| {
        let place = format!("ligne {line}, caractère {column}");
        let place = if on_screen == Some(file.as_str()) {
            view! {
                <button type="button" class="fr-link" on:click=move |_| browser::select_line(TEXT, line)>
                    {capitalised(&place)}
                </button>
            }
            .into_any()
        } else {
            view! { <span class="dp-break">{format!("{file}, {place}")}</span> }.into_any()
        };
        view! { <li>{place} "\u{a0}: " <span class="dp-break">{message}</span></li> }
    };
    view! { <ul>{problems.into_iter().map(line).collect_view()}</ul> }.into_any()
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
