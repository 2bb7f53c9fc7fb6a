//! The roles that people ask for: given or refused.

use leptos::prelude::*;
use shared::role_request::{RoleRequest, RoleRequestAnswer};

use super::role_labels::RoleLabels;
use crate::api::role_requests as api;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::dialog::DialogButton;
use crate::components::field::TextArea;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::places::focus_on_hash;
use crate::shell::submitting::{FormDialog, opened_by};
use crate::submission::Submission;

/// Id of the list, where links to it lead and the focus goes once a line is gone.
pub const SECTION: &str = "demandes-de-role";

const REASON: &str = "reponse-role-raison";

/// Which request is being answered, and whether the role is given.
type Asked = Option<(RoleRequest, bool)>;

#[component]
pub fn RoleRequests(
    labels: RoleLabels,
    /// Called once a role is given.
    #[prop(into)]
    on_given: Callback<()>,
) -> impl IntoView {
    let loader = Loader::new(api::waiting);
    focus_on_hash(SECTION, Memo::new(move |before| before == Some(&true) || !loader.is_loading()));
    let done = RwSignal::new(String::new());
    let asked = RwSignal::new(Asked::None);
    let on_done = Callback::new(move |(said, is_given): (String, bool)| {
        done.set(said);
        loader.reload();
        if is_given {
            on_given.run(());
        }
        browser::focus_soon(SECTION.to_owned());
    });
    let title = move || match loader.read(Vec::len) {
        None | Some(0) => "Demandes de rôle".to_owned(),
        Some(count) => format!("Demandes de rôle ({count})"),
    };
    let list = move |requests: Vec<RoleRequest>| {
        if requests.is_empty() {
            return view! { <p>"Aucune demande n’attend de réponse."</p> }.into_any();
        }
        let lines = requests.into_iter().map(|request| line(request, labels, asked)).collect_view();
        view! { <ul class="dp-roles">{lines}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby=SECTION class="fr-mb-4w">
            <h2 class="fr-h4" id=SECTION tabindex="-1">
                {title}
            </h2>
            <p role="status">{move || done.get()}</p>
            {loader.view(list)}
            <AnswerDialog asked labels on_done />
        </section>
    }
}

fn line(request: RoleRequest, labels: RoleLabels, asked: RwSignal<Asked>) -> AnyView {
    let is_own = AppContext::get().user().is_some_and(|user| user.email == request.email);
    let RoleRequest { name, email, organizations, role, reason, manager_email, created_at, .. } = request.clone();
    let about = format!(" à {name}");
    let buttons = [("Donner le rôle", true), ("Refuser", false)]
        .into_iter()
        .map(|(label, give)| {
            let request = request.clone();
            let about = about.clone();
            view! { <li><DialogButton label about on_ask=move |()| asked.set(Some((request.clone(), give))) /></li> }
        })
        .collect_view();
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="fr-text--bold fr-mb-0">{name}</p>
            <p class="dp-detail dp-break">
                {email} {(!organizations.is_empty()).then(|| format!(" – {}", organizations.join(", ")))}
            </p>
            <p class="fr-mb-1w">{move || labels.label(&role)}</p>
            <p class="dp-text fr-mb-1w">{reason}</p>
            <p class="dp-detail dp-break">
                {format!("Demandé le {}. Responsable, qui peut confirmer\u{a0}: {manager_email}", date::date(created_at))}
            </p>
            {if is_own {
                view! { <p class="fr-mb-0">"C’est votre demande\u{a0}: une autre personne doit y répondre."</p> }.into_any()
            } else {
                view! { <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm fr-mt-2w">{buttons}</ul> }
                    .into_any()
            }}
        </li>
    }
    .into_any()
}

/// The dialog that answers. A refusal says why.
#[component]
fn AnswerDialog(
    /// Which request; nothing until one is answered.
    asked: RwSignal<Asked>,
    labels: RoleLabels,
    /// Called once it is done, with what to say and whether the role was given.
    on_done: Callback<(String, bool)>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submission = Submission::new("reponse-role", &[("/reason", REASON)], Vec::new);
    let open = opened_by(asked, submission, reason);
    let gives = move || asked.with(|asked| asked.as_ref().is_some_and(|(_, give)| *give));
    let on_confirm = Callback::new(move |()| {
        let Some((request, give)) = asked.get_untracked() else { return };
        let label = untrack(|| labels.label(&request.role));
        let said = format!("{}\u{a0}: {label} à {}.", if give { "Rôle donné" } else { "Rôle refusé" }, request.name);
        let answer = RoleRequestAnswer { give, reason: reason.get_untracked() };
        submission.send(api::answer(request.id, answer), move |_| {
            open.set(false);
            on_done.run((said, give));
        });
    });
    let title =
        Signal::derive(move || if gives() { "Donner ce rôle\u{a0}?" } else { "Refuser ce rôle\u{a0}?" }.to_owned());
    let about = move || asked.get().map(|(request, _)| format!("{} – {}", labels.label(&request.role), request.name));
    let input = move || {
        let (label, hint) = if gives() {
            ("Message (facultatif)", "La personne le reçoit par courriel. Il est conservé avec le rôle.")
        } else {
            ("Raison du refus", "La personne la reçoit par courriel.")
        };
        view! {
            <TextArea
                id=REASON
                label
                hint
                required=!gives()
                rows=3
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
        }
    };
    view! {
        <FormDialog
            id="reponse-role"
            title
            open
            submission
            confirm="Confirmer"
            refused="Rien n’a changé"
            on_confirm
        >
            <p>{about}</p>
            {input}
        </FormDialog>
    }
}

/// Says to those who answer that requests wait, and leads to them.
#[component]
pub fn RoleRequestsNotice() -> impl IntoView {
    let loader = Loader::new(api::waiting);
    let notice = move |count: usize| {
        let title = match count {
            1 => "1 demande de rôle attend votre réponse".to_owned(),
            count => format!("{count} demandes de rôle attendent votre réponse"),
        };
        view! {
            <Alert tone=Tone::Info title>
                <p>
                    <a href=format!("/personnes#{SECTION}")>"Voir les demandes de rôle"</a>
                </p>
            </Alert>
        }
    };
    move || loader.read(Vec::len).filter(|count| *count > 0).map(notice)
}
