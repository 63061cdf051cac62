/** The statistics page: usual periods at one press, and printing. Without this the form still works. */
const question = document.getElementById("question");

for (const button of document.querySelectorAll(".presets button")) {
  button.addEventListener("click", () => {
    question.elements.first.value = button.dataset.first;
    question.elements.last.value = button.dataset.last;
    question.requestSubmit();
  });
}
question?.elements.by.addEventListener("change", () => question.requestSubmit());
document.getElementById("print").addEventListener("click", () => window.print());
