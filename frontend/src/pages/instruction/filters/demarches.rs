//! The filter on the démarches of the one API that is shown.

use leptos::prelude::*;
use shared::policy::Demarche;
use shared::user::{OTHER_DEMARCHES, Role, User};

use super::super::state::ListState;
use super::{Tag, TagGroup};
use crate::api::{self, Answer};
use crate::context::AppContext;
use crate::loader::Loader;

/// The démarches of an API whose requests that user sees, as filters write them, by name; then what counts as none.
fn seen(target_api: &str, demarches: &[Demarche], user: &User) -> Vec<(String, String)> {
    let is_of_api = |role: &&Role| {
        matches!(role, Role::Instructor { .. } | Role::Reporter { .. }) && role.target_api() == Some(target_api)
    };
    let sees = |demarche: &str| {
        user.is_administrator() || user.roles.iter().filter(is_of_api).any(|role| role.demarches().include(demarche))
    };
    let known = demarches.iter().filter(|demarche| demarche.can_count() && sees(&demarche.id));
    let known = known.map(|demarche| (demarche.id.clone(), demarche.label.clone()));
    let other = sees("").then(|| (OTHER_DEMARCHES.to_owned(), "Autres demandes".to_owned()));
    known.chain(other).collect()
}

/// Any number of démarches; none for all.
#[component]
pub fn DemarcheFilter(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// The one API that is shown, where it is one.
    api: Memo<Option<String>>,
) -> impl IntoView {
    let context = AppContext::get();
    let demarches = Loader::new(move || api.get().map_or_else(|| Answer::known(Vec::new()), api::demarches));
    let offered = Memo::new(move |_| match (api.get(), context.user()) {
        (Some(api), Some(user)) => demarches.read(|demarches| seen(&api, demarches, &user)).unwrap_or_default(),
        _ => Vec::new(),
    });
    let tag = move |(id, label): (String, String)| {
        let own = id.clone();
        let is_shown = Signal::derive(move || state.with(|state| state.demarches.contains(&own)));
        let toggle = Callback::new(move |()| {
            show.run(state.with_untracked(|state| state.with_demarche_toggled(&id)));
        });
        view! { <Tag label is_shown toggle /> }
    };
    let group = move || {
        view! {
            <TagGroup id="demarches" legend="Démarche">
                {move || offered.get().into_iter().map(tag).collect_view()}
            </TagGroup>
        }
    };
    // One alone leaves nothing to choose.
    move || (offered.with(Vec::len) > 1).then(group)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_chooses_among_the_demarches_that_one_sees() {
        let demarches: Vec<Demarche> = serde_json::from_value(json!([
            {"id": "x", "label": "Cantine", "prefill": {"scopes": []}},
            {"id": "y", "label": "Crèche", "prefill": {"scopes": []}},
            {"id": "default", "label": "Demande libre"},
        ]))
        .unwrap();
        let ids = |roles: &[&str]| {
            let user: User = serde_json::from_value(json!({
                "id": 1, "email": "a@exemple.fr", "email_verified": true, "given_name": "", "family_name": "",
                "phone_number": "", "job": "", "organizations": [], "roles": roles,
            }))
            .unwrap();
            seen("a", &demarches, &user).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&["a:instructor"]), ["x", "y", "other"]);
        assert_eq!(ids(&["administrator"]), ["x", "y", "other"]);
        assert_eq!(ids(&["a:instructor:only:x", "b:instructor"]), ["x"]);
        assert_eq!(ids(&["a:reporter:except:x"]), ["y", "other"]);
        assert_eq!(ids(&["a:subscriber"]), [] as [&str; 0]);
    }
}
