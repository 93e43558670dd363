"use strict";
(function () {
  var table = document.getElementById("students");
  if (!table) { return; }
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var tools = document.getElementById("tools"), word = document.getElementById("word");
  var state = document.getElementById("state"), count = document.getElementById("count");
  var texts = rows.map(function (row) { return (row.textContent + " " + (row.dataset.more || "")).toLowerCase(); });

  function show() {
    var wanted = word.value.trim().toLowerCase().split(/\s+/), shown = 0;
    rows.forEach(function (row, i) {
      var fits = wanted.every(function (w) { return texts[i].indexOf(w) >= 0; });
      row.hidden = !(fits && (!state.value || row.dataset.state.split(" ").indexOf(state.value) >= 0));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = shown + " of " + rows.length + " submissions shown";
  }

  function value(row, column) {
    var cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  }

  function sort(column, up) {
    var order = rows.map(function (row, i) { return [value(row, column), i, row]; });
    order.sort(function (a, b) {
      var by = typeof a[0] === "number" ? a[0] - b[0] : a[0].localeCompare(b[0], undefined, { numeric: true });
      return (up ? by : -by) || a[1] - b[1];
    });
    order.forEach(function (one) { body.appendChild(one[2]); });
  }

  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") !== "ascending";
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (h) { h.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(column, up);
    });
  });
  word.addEventListener("input", show);
  state.addEventListener("change", show);
  tools.hidden = false;
  show();
}());
