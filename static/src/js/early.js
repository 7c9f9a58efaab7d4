// Runs before the page is painted, and tells the style sheet that JavaScript is on, so that nothing moves afterwards.
document.body.classList.add("js-enabled")
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("nhsuk-frontend-supported")
