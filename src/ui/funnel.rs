//! The funnel: an interactive chart, the same as a table, and the sessions lost at each step.

use std::sync::Arc;

use charming::WasmRenderer;
use charming::renderer::wasm_renderer::Echarts;
use js_sys::{Function, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlScriptElement, MediaQueryList, window};

use crate::charts::options::{self, Colours};
use crate::findings::wording::{count, interval, number, percent};
use crate::report::Document;
use crate::report::document::{FunnelInfo, StepInfo};
use crate::ui::sessions::SessionList;
use crate::web::assets;

const CHART_ID: &str = "funnel-chart";
/// Height of a step in the chart, in pixels.
const STEP_HEIGHT: usize = 44;

#[component]
pub fn Funnel(document: Arc<Document>) -> impl IntoView {
    let funnel = document.funnel.clone();
    let chosen = RwSignal::new(None::<usize>);
    let chart = StoredValue::new_local(None::<Drawn>);
    let steps = funnel.steps.len();
    let height = format!("height: {}px", STEP_HEIGHT * steps);
    let drawn = funnel.clone();
    Effect::new(move |_| {
        let funnel = drawn.clone();
        spawn_local(async move {
            // Without the charts' script the table still tells everything.
            // Painting, loading and drawing are tasks of their own.
            next_task().await;
            let loaded = load_echarts().await;
            next_task().await;
            let still_here = chart.try_with_value(|_| ()).is_some();
            if loaded.is_ok()
                && still_here
                && let Some(drawn) = Drawn::new(funnel, move |step| chosen.set(Some(step)))
            {
                chart.set_value(Some(drawn));
            }
        });
    });
    on_cleanup(move || {
        let _ = chart.try_update_value(Option::take);
    });
    let rows = funnel.steps.iter().enumerate().map(|(index, step)| view! { <Step step=step.clone() index chosen/> });
    let rows = rows.collect_view();
    let lost = move || {
        let step = funnel.steps.get(chosen.get()?)?;
        (step.lost > 0).then(|| view! {
            <div class="lost-sessions">
                <p role="status">{format!("{} came to the step before “{}”, but not to it.", count(step.lost, "session"), step.name)}</p>
                <SessionList total=step.lost sessions=step.lost_sessions.clone() users=step.lost_users.clone() opened=true/>
            </div>
        })
    };
    view! {
        <div id=CHART_ID class="funnel-chart" style=height aria-hidden="true"></div>
        <div class="table" tabindex="0" role="region" aria-label="Funnel"><table class="steps">
            <caption>"The steps in order. The number lost, and a click on a bar, opens the sessions."</caption>
            <thead><tr><th>"Step"</th><th class="number">"Sessions"</th><th class="number">"Lost here"</th><th class="number">"Went on"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {lost}
        <p class="note">{document.abandonment.check.clone()}"."</p>
        {document.funnel.proposed.then(|| view! {
            <p class="note">"The steps were proposed from the file: the longest chain of elements that nearly everybody who reached the goal used before it, in this order."</p>
        })}
    }
}

#[component]
fn Step(step: StepInfo, index: usize, chosen: RwSignal<Option<usize>>) -> impl IntoView {
    let went_on = step.from_previous.as_ref().map(|rate| format!("{} [{}]", percent(rate.value.0), interval(rate)));
    let is_open = move || chosen.get() == Some(index);
    let toggle = move |_| chosen.update(|chosen| *chosen = (*chosen != Some(index)).then_some(index));
    let lost = (step.lost > 0).then(|| view! {
        <button class="chip" aria-expanded=move || is_open().to_string() on:click=toggle>{number(step.lost)}" lost"</button>
    });
    view! {
        <tr>
            <td class="name">{step.name}</td>
            <td class="number">{number(step.sessions)}</td>
            <td class="number">{lost}</td>
            <td class="number">{went_on}</td>
        </tr>
    }
}

/// A chart on the page. Dropping it takes it away.
struct Drawn {
    chart: Echarts,
    resize: Option<leptos::leptos_dom::helpers::WindowListenerHandle>,
    /// Tells when the page turns from light to dark or back.
    scheme: Option<MediaQueryList>,
    _on_click: Closure<dyn FnMut(JsValue)>,
    _on_scheme: Closure<dyn FnMut()>,
}

impl Drawn {
    fn new(funnel: FunnelInfo, chosen: impl Fn(usize) + 'static) -> Option<Drawn> {
        let chart = WasmRenderer::new_opt(None, None).render(CHART_ID, &options::funnel(&funnel, &colours())).ok()?;
        let steps = funnel.steps.len();
        let on_click = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let index = Reflect::get(&event, &"dataIndex".into()).ok().and_then(|index| index.as_f64());
            // The chart counts from below.
            if let Some(index) = index.map(|index| index as usize).filter(|index| *index < steps) {
                chosen(steps - 1 - index);
            }
        });
        call(&chart, "on", &["click".into(), on_click.as_ref().clone()]);
        // A second name for the same chart, for those who change it later.
        let same = || AsRef::<JsValue>::as_ref(&chart).clone().unchecked_into::<Echarts>();
        let changed = same();
        let on_scheme = Closure::<dyn FnMut()>::new(move || {
            WasmRenderer::update(&changed, &options::funnel(&funnel, &colours()));
        });
        let scheme = window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
        if let Some(scheme) = &scheme {
            scheme.set_onchange(Some(on_scheme.as_ref().unchecked_ref()));
        }
        let resized = StoredValue::new_local(same());
        let resize = window_event_listener(leptos::ev::resize, move |_| {
            let _ = resized.try_with_value(|chart| call(chart, "resize", &[]));
        });
        Some(Drawn { chart, resize: Some(resize), scheme, _on_click: on_click, _on_scheme: on_scheme })
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if let Some(resize) = self.resize.take() {
            resize.remove();
        }
        if let Some(scheme) = &self.scheme {
            scheme.set_onchange(None);
        }
        call(&self.chart, "dispose", &[]);
    }
}

/// Calls a method that the binding does not have.
fn call(chart: &Echarts, method: &str, arguments: &[JsValue]) {
    let function =
        Reflect::get(chart.as_ref(), &method.into()).ok().and_then(|method| method.dyn_into::<Function>().ok());
    if let Some(function) = function {
        let _ = function.apply(chart.as_ref(), &arguments.iter().cloned().collect());
    }
}

/// The page's colours as they are now, light or dark.
fn colours() -> Colours {
    let style = window().and_then(|window| {
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok().flatten()
    });
    let token = |name: &str| style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    Colours {
        ink: token("--ink"),
        path: token("--path"),
        paper: token("--paper"),
        loss: token("--loss"),
        loss_wash: token("--loss-wash"),
        sans: token("--sans"),
    }
}

/// Lets the page paint and answer before what follows.
async fn next_task() {
    let next = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = window() {
            let _ = window.set_timeout_with_callback(&resolve);
        }
    });
    let _ = JsFuture::from(next).await;
}

/// Loads the charts' script, once.
async fn load_echarts() -> Result<(), JsValue> {
    let window = window().ok_or("there is no page")?;
    if Reflect::has(&window, &"echarts".into())? {
        return Ok(());
    }
    let document = window.document().ok_or("there is no page")?;
    let script: HtmlScriptElement = document.create_element("script")?.unchecked_into();
    script.set_src(&assets::echarts()?);
    let loaded = js_sys::Promise::new(&mut |resolve, reject| {
        script.set_onload(Some(&resolve));
        script.set_onerror(Some(&reject));
    });
    document.head().ok_or("there is no head")?.append_child(&script)?;
    JsFuture::from(loaded).await?;
    Ok(())
}
