(function () {
  "use strict";
  var root = document.documentElement, card = document.getElementById("card"), opener = null;

  function show(language) {
    root.lang = language;
    document.querySelectorAll("[data-lang]").forEach(function (e) { e.hidden = e.dataset.lang !== language; });
    var title = document.querySelector('.reply[data-lang="' + language + '"] h1');
    if (title) { document.title = title.textContent.trim(); }
  }

  function mark() {
    var at = decodeURIComponent(location.hash.slice(1));
    document.querySelectorAll("mark").forEach(function (m) {
      m.classList.toggle("on", at !== "" && m.dataset.spans.split(" ").indexOf(at) >= 0);
    });
  }

  function close(refocus) {
    if (card.hidden) { return; }
    card.hidden = true;
    if (refocus && opener) { opener.focus(); }
  }

  function open(link) {
    var anchor = document.getElementById(link.dataset.card);
    if (!anchor) { return false; }
    var article = anchor.closest("article"), words = "";
    article.querySelectorAll("mark").forEach(function (m) {
      if (m.dataset.spans.split(" ").indexOf(anchor.id) >= 0) { words += m.textContent; }
    });
    var who = article.querySelector('h3[data-lang="' + root.lang + '"]').cloneNode(true);
    var french = root.lang === "fr";
    card.textContent = "";
    var head = document.createElement("p");
    head.className = "who";
    while (who.firstChild) { head.appendChild(who.firstChild); }
    var quote = document.createElement("p");
    quote.lang = article.querySelector(".body").lang;
    quote.textContent = french ? "«\u00a0" + words + "\u00a0»" : "“" + words + "”";
    var go = document.createElement("p"), to = document.createElement("a");
    to.href = "#" + anchor.id;
    to.textContent = french ? "Voir dans la contribution" : "See it in the contribution";
    to.addEventListener("click", function () { close(false); });
    go.appendChild(to);
    card.append(head, quote, go);
    card.setAttribute("aria-label", link.getAttribute("aria-label"));
    card.hidden = false;
    var box = link.getBoundingClientRect();
    card.style.left = Math.max(8, Math.min(box.left, root.clientWidth - card.offsetWidth - 16)) + window.scrollX + "px";
    card.style.top = box.bottom + window.scrollY + 6 + "px";
    opener = link;
    to.focus({ preventScroll: true });
    return true;
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a");
    if (link && link.dataset.to) {
      event.preventDefault();
      var from = root.lang, hash = location.hash;
      show(link.dataset.to);
      if (hash.indexOf("#" + from + "-") === 0) { location.hash = "#" + link.dataset.to + hash.slice(3); } else { window.scrollTo(0, 0); }
    } else if (link && link.dataset.card) {
      if (open(link)) { event.preventDefault(); }
    } else if (!card.contains(event.target)) {
      close(false);
    }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { close(true); } });
  window.addEventListener("hashchange", function () {
    var hash = location.hash;
    if (/^#(en|fr)-/.test(hash) && hash.slice(1, 3) !== root.lang) {
      show(hash.slice(1, 3));
      var target = document.getElementById(decodeURIComponent(hash.slice(1)));
      if (target) { target.scrollIntoView(); }
    }
    mark();
  });
  mark();
})();
