//! The assignment of a request: taken, handed over, released.

use leptos::prelude::*;
use shared::enrollment::Enrollment;
use shared::queue::{Assignment, Colleague};
use shared::user::User;
use shared::workflow::Action;

use crate::api::{self, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::date;
use crate::components::dialog::Dialog;
use crate::loader::Loader;
use crate::shell::submitting::{RefusalBox, SubmitButton};
use crate::submission::Submission;

/// Id of the panel's title, which takes the focus once the request changed hands.
pub const TITLE_ID: &str = "suivi-titre";

/// The name of the other instructor who takes care of a request, if one does.
pub fn other_instructor(enrollment: &Enrollment, user_id: i64) -> Option<String> {
    let assignee = enrollment.assigned_to.as_ref().filter(|assignee| assignee.id != user_id)?;
    enrollment.allows(Action::Assign).then(|| assignee.name.clone())
}

/// Who takes care of the request, for those who may change it.
#[component]
pub fn AssignmentPanel(
    enrollment: Enrollment,
    /// Who reads.
    user: User,
    /// Its change of hands; it outlives the request on the page, which is then read again.
    submission: Submission,
    /// Called with the request as it is now.
    on_assigned: Callback<Enrollment>,
    /// Called when somebody else was first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    if !enrollment.allows(Action::Assign) {
        return ().into_any();
    }
    let Enrollment { id, target_api, assigned_to, .. } = enrollment;
    let from = assigned_to.as_ref().map(|assignee| assignee.id);
    let is_own = from == Some(user.id);
    let me = user.id;
    let assign = Callback::new(move |user_id: Option<i64>| {
        submission.send_then(api::queue::assign(id, Assignment { user_id, from }), move |answer| match answer {
            Ok(enrollment) => {
                on_assigned.run(enrollment);
                browser::focus_soon(TITLE_ID.to_owned());
            }
            Err(error) if !error.is_passing() => on_conflict.run(()),
            Err(_) => {}
        });
    });
    let refusal = |error: ApiError| {
        view! {
            <Alert tone=Tone::Warning>
                <p>{error.message()}</p>
            </Alert>
        }
        .into_any()
    };
    let text = match assigned_to {
        None => "Cette demande n’est pas encore attribuée.".to_owned(),
        Some(_) if is_own => "Vous suivez cette demande.".to_owned(),
        Some(assignee) => format!("{} suit cette demande.", assignee.name),
    };
    let button = move |label: &'static str, to: Option<i64>| {
        view! {
            <li>
                <button
                    type="button"
                    class="fr-btn fr-btn--secondary fr-btn--sm"
                    aria-disabled=move || submission.is_sending().then_some("true")
                    on:click=move |_| assign.run(to)
                >
                    {label}
                </button>
            </li>
        }
    };
    let hand_over = Callback::new(move |chosen: i64| assign.run(Some(chosen)));
    view! {
        <section class="dp-panel dp-no-print fr-mb-3w" aria-labelledby=TITLE_ID>
            <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                "Suivi"
            </h2>
            <p>{text}</p>
            <RefusalBox submission show=refusal />
            <ul class="fr-btns-group fr-btns-group--sm">
                {(!is_own).then(|| button("Je m’en occupe", Some(me)))} <li>
                    <HandOverButton target_api except=from.unwrap_or(me) on_choose=hand_over />
                </li> {is_own.then(|| button("Rendre", None))}
            </ul>
        </section>
    }
    .into_any()
}

/// A button that opens the list of the instructors of an API, to choose one.
#[component]
pub fn HandOverButton(
    /// The API.
    target_api: String,
    /// Who is not offered: they have it already.
    except: i64,
    /// Called with the one that was chosen.
    on_choose: Callback<i64>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let api = StoredValue::new(target_api);
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--secondary fr-btn--sm"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            "Confier à…"
        </button>
        <Dialog id="confier" title="Confier à un autre instructeur" open>
            <Colleagues target_api=api.get_value() except open on_choose />
        </Dialog>
    }
}

#[component]
fn Colleagues(target_api: String, except: i64, open: RwSignal<bool>, on_choose: Callback<i64>) -> impl IntoView {
    let colleagues = Loader::new(move || api::queue::colleagues(target_api.clone()));
    colleagues.view(move |colleagues| {
        let (away, there): (Vec<_>, Vec<_>) = colleagues
            .into_iter()
            .filter(|colleague| colleague.id != except)
            .partition(|colleague| colleague.absent_until.is_some());
        view! { <ChooseColleague there away open on_choose /> }.into_any()
    })
}

#[component]
fn ChooseColleague(
    there: Vec<Colleague>,
    away: Vec<Colleague>,
    open: RwSignal<bool>,
    on_choose: Callback<i64>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let submission = Submission::new("confier", &[("/user_id", CHOICE_ID)], move || {
        let is_missing = chosen.with(String::is_empty);
        is_missing.then(|| ("/user_id", "Choisissez une personne.".to_owned())).into_iter().collect()
    });
    let away = (!away.is_empty()).then(|| {
        let names: Vec<String> = away.into_iter().filter_map(absent).collect();
        view! { <p class="fr-text--sm">{format!("En congé\u{a0}: {}.", names.join(", "))}</p> }
    });
    if there.is_empty() {
        return view! {
            <p>"Aucun autre instructeur de cette API n’est disponible."</p>
            {away}
        }
        .into_any();
    }
    let choices: Vec<Choice> =
        there.into_iter().map(|colleague| Choice::new(colleague.id.to_string(), colleague.name)).collect();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let (true, Ok(id)) = (submission.is_ready(), chosen.get_untracked().parse()) {
            open.set(false);
            on_choose.run(id);
        }
    };
    view! {
        <form on:submit=submit>
            <Select
                id=CHOICE_ID
                label="Instructeur"
                required=true
                choices
                value=chosen
                error=submission.error_at("/user_id")
                on_change=move |id: String| chosen.set(id)
            />
            {away}
            <SubmitButton submission label="Confier" class="fr-btn fr-mt-2w" />
        </form>
    }
    .into_any()
}

/// Id of the list of instructors.
const CHOICE_ID: &str = "confier-a";

/// « Camille Exemple (jusqu’au 3 mars 2026) ».
fn absent(colleague: Colleague) -> Option<String> {
    Some(format!("{} (jusqu’au {})", colleague.name, date::day(colleague.absent_until?)))
}
