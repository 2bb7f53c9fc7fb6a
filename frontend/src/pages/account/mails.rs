//! The mails that the user may do without, by API. A box is kept as soon as it is ticked.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::mail::MailPreference;

use crate::api::account;
use crate::components::choice::Checkbox;
use crate::context::AppContext;
use crate::loader::Loader;

pub const TITLE: &str = "mes-courriels";

#[component]
pub fn Mails() -> impl IntoView {
    let loader = Loader::new(account::mails);
    // What was just done, for those who do not see it.
    let done = RwSignal::new(String::new());
    view! {
        <section aria-labelledby=TITLE>
            <h2 class="fr-h4 fr-mt-6w" id=TITLE tabindex="-1">
                "Mes courriels"
            </h2>
            <p>
                "Ce qui concerne vos demandes, vos habilitations et les avis que vous donnez arrive toujours. Le reste, qui vient de vos rôles, se choisit ici."
            </p>
            <p role="status">{move || done.get()}</p>
            {loader.view(move |preferences| list(preferences, done))}
        </section>
    }
}

fn list(preferences: Vec<MailPreference>, done: RwSignal<String>) -> AnyView {
    if preferences.is_empty() {
        return view! { <p>"Aucun de vos rôles ne vous fait recevoir d’autres courriels\u{a0}: il n’y a rien à choisir."</p> }
            .into_any();
    }
    preferences
        .chunk_by(|one, other| one.target_api == other.target_api)
        .map(|api| group(api, done))
        .collect_view()
        .into_any()
}

/// The mails of one API.
fn group(preferences: &[MailPreference], done: RwSignal<String>) -> AnyView {
    let context = AppContext::get();
    let target_api = preferences.first().map(|one| one.target_api.clone()).unwrap_or_default();
    let legend_id = format!("courriels-{target_api}");
    let boxes = preferences.iter().cloned().map(|preference| line(preference, done)).collect_view();
    view! {
        <fieldset class="fr-fieldset" aria-labelledby=legend_id.clone()>
            <legend class="fr-fieldset__legend" id=legend_id.clone()>
                {move || context.label_of(&target_api)}
            </legend>
            {boxes}
        </fieldset>
    }
    .into_any()
}

fn line(preference: MailPreference, done: RwSignal<String>) -> impl IntoView {
    let wanted = RwSignal::new(preference.wanted);
    let id = format!("courriels-{}-{}", preference.target_api, preference.kind);
    let label = preference.kind.label();
    let on_change = Callback::new(move |is_wanted: bool| {
        wanted.set(is_wanted);
        let chosen = MailPreference { wanted: is_wanted, ..preference.clone() };
        spawn_local(async move {
            let said = match account::choose_mails(&chosen).await {
                Ok(_) if is_wanted => "C’est enregistré\u{a0}: vous recevrez ces courriels.".to_owned(),
                Ok(_) => "C’est enregistré\u{a0}: vous ne recevrez plus ces courriels.".to_owned(),
                Err(error) => {
                    wanted.try_set(!is_wanted);
                    error.message()
                }
            };
            done.try_set(said);
        });
    });
    view! {
        <div class="fr-fieldset__element">
            <Checkbox id label=move || label checked=wanted on_change />
        </div>
    }
}
