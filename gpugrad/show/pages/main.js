"use strict";
// Makes the page of what stands in it.

{
  const data = JSON.parse(document.getElementById("data").textContent);
  window.page = data.kind === "graph" ? new GraphPage(data) : new PlanPage(data);
}
