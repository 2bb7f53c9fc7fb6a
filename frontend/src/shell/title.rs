//! The `<h1>` of a page, and its title in the tab.

use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::FocusOptions;

use crate::browser;
use crate::context::AppContext;

/// The one `<h1>` of a page. It names the page in the tab and, after a navigation, takes the focus, so that screen
/// readers say where one has arrived; not on the first page, where the browser already reads the title.
#[component]
pub fn PageTitle(
    #[prop(into)] title: Signal<String>,
    /// Title in the tab, where it says more.
    #[prop(into, optional)]
    tab: Option<Signal<String>>,
) -> impl IntoView {
    let context = AppContext::get();
    let heading = NodeRef::<html::H1>::new();
    Effect::new(move |_| browser::set_title(&tab.unwrap_or(title).get()));
    Effect::new(move |_| {
        let Some(heading) = heading.get() else { return };
        let path = window().location().pathname().unwrap_or_default();
        if context.focused_path.with_value(|focused| *focused != path) {
            context.focused_path.set_value(path);
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = heading.focus_with_options(&options);
        }
    });
    view! {
        <h1 tabindex="-1" class="dp-title" node_ref=heading>
            {move || title.get()}
        </h1>
    }
}
