//! A DSFR accordion.

use leptos::prelude::*;

/// A DSFR accordion. Its content stays in the page while closed, so that nothing typed in it is lost.
#[component]
pub fn Accordion(
    /// Id of the content; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: Signal<String>,
    /// Whether it is open at first.
    #[prop(optional)]
    open: bool,
    /// Level of the title: 2, 3 (by default) or 4.
    #[prop(default = 3)]
    level: u8,
    /// Something in it was filled in from elsewhere: when this becomes true, it opens.
    #[prop(into, optional)]
    unfolds: Option<Signal<bool>>,
    /// Called when it opens.
    #[prop(into, optional)]
    on_open: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let is_open = RwSignal::new(open);
    if let Some(unfolds) = unfolds {
        Effect::new(move |before: Option<bool>| {
            let unfolds = unfolds.get();
            if unfolds && before == Some(false) {
                is_open.set(true);
            }
            unfolds
        });
    }
    let button = view! {
        <button
            type="button"
            class="fr-accordion__btn"
            aria-expanded=move || is_open.get().to_string()
            aria-controls=id.clone()
            on:click=move |_| {
                is_open.update(|is_open| *is_open = !*is_open);
                if let Some(on_open) = on_open.filter(|_| is_open.get_untracked()) {
                    on_open.run(());
                }
            }
        >
            {move || title.get()}
        </button>
    };
    view! {
        <section class="fr-accordion">
            {match level {
                2 => view! { <h2 class="fr-accordion__title">{button}</h2> }.into_any(),
                4 => view! { <h4 class="fr-accordion__title">{button}</h4> }.into_any(),
                _ => view! { <h3 class="fr-accordion__title">{button}</h3> }.into_any(),
            }}
            <div class=move || collapse(is_open.get()) id=id>
                {children()}
            </div>
        </section>
    }
}

/// The classes of something that collapses.
pub const fn collapse(is_open: bool) -> &'static str {
    if is_open { "fr-collapse fr-collapse--expanded" } else { "fr-collapse" }
}
