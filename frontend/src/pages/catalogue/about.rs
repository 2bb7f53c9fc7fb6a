//! The links of an API: documentation, terms of use, support.

use leptos::prelude::*;
use shared::policy::Policy;

/// The links: documentation, terms of use, support.
pub fn links(policy: &Policy) -> AnyView {
    let leaving = |label: &'static str, url: &Option<String>| {
        url.clone().map(|url| {
            view! {
                <li>
                    <a href=url target="_blank" rel="noopener external" title=format!("{label} – nouvelle fenêtre")>
                        {label}
                    </a>
                </li>
            }
        })
    };
    let support = policy.support_email.clone();
    view! {
        <ul>
            {leaving("Documentation", &policy.documentation_url)}
            {leaving("Conditions générales d’utilisation", &policy.cgu_url)}
            <li>
                "Une question\u{a0}? Écrivez à " <a href=format!("mailto:{support}")>{support.clone()}</a>
            </li>
        </ul>
    }
    .into_any()
}
