//! Which instructor takes care of a request: taking it, handing it over, giving it back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::enrollment::Enrollment;
use shared::queue::{Assignment, Colleague};
use shared::user::User;
use shared::workflow::Action;

use crate::api;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::date;
use crate::components::modal::Modal;
use crate::loader::Loader;

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
    /// The request.
    enrollment: Enrollment,
    /// Who reads.
    user: User,
    /// Why the last change was not made; it outlives the request on the page, which is then read again.
    error: RwSignal<Option<String>>,
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
    let is_busy = RwSignal::new(false);
    let assign = Callback::new(move |user_id: Option<i64>| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        error.set(None);
        spawn_local(async move {
            let answer = api::queue::assign(id, Assignment { user_id, from }).await;
            // The reader may have left the page meanwhile.
            if is_busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(enrollment) => {
                    on_assigned.run(enrollment);
                    browser::focus_soon(TITLE_ID.to_owned());
                }
                Err(failure) => {
                    error.set(Some(failure.message()));
                    if !failure.is_passing() {
                        on_conflict.run(());
                    }
                }
            }
        });
    });
    let text = match assigned_to {
        None => "Personne ne suit encore cette demande.".to_owned(),
        Some(_) if is_own => "Vous suivez cette demande.".to_owned(),
        Some(assignee) => format!("{} suit cette demande.", assignee.name),
    };
    let button = move |label: &'static str, to: Option<i64>| {
        view! {
            <li>
                <button
                    type="button"
                    class="fr-btn fr-btn--secondary fr-btn--sm"
                    aria-disabled=move || is_busy.get().then_some("true")
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
            <div aria-live="assertive">
                {move || {
                    error
                        .get()
                        .map(|error| {
                            view! {
                                <Alert tone=Tone::Warning>
                                    <p>{error}</p>
                                </Alert>
                            }
                        })
                }}
            </div>
            <ul class="fr-btns-group fr-btns-group--sm">
                {(!is_own).then(|| button("Je m’en occupe", Some(me)))} <li>
                    <HandOver target_api except=from.unwrap_or(me) on_choose=hand_over />
                </li> {is_own.then(|| button("Rendre", None))}
            </ul>
        </section>
    }
    .into_any()
}

/// A button that opens the list of the instructors of an API, to choose one.
#[component]
pub fn HandOver(
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
        <Modal id="confier" title="Confier à un autre instructeur" open>
            <Colleagues target_api=api.get_value() except open on_choose />
        </Modal>
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
        view! { <Choose there away open on_choose /> }.into_any()
    })
}

#[component]
fn Choose(
    there: Vec<Colleague>,
    away: Vec<Colleague>,
    open: RwSignal<bool>,
    on_choose: Callback<i64>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
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
        match chosen.get_untracked().parse() {
            Ok(id) => {
                open.set(false);
                on_choose.run(id);
            }
            Err(_) => {
                error.set(Some("Choisissez une personne.".to_owned()));
                browser::focus(CHOICE_ID);
            }
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
                error
                on_change=move |id: String| {
                    error.set(None);
                    chosen.set(id);
                }
            />
            {away}
            <button type="submit" class="fr-btn fr-mt-2w">
                "Confier"
            </button>
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
