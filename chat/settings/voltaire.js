// The page follows new messages but not the buttons that come after them: the last ones stayed
// half hidden under the composer. Whoever reads the end keeps seeing it; whoever went up stays.
const NEAR_PX = 240;
let scroller = null;
let height = 0;

function findScroller() {
  let node = document.querySelector("[data-step-type]");
  while (node && !/auto|scroll/.test(getComputedStyle(node).overflowY)) node = node.parentElement;
  return node;
}

function follow() {
  if (!scroller?.isConnected) {
    scroller = findScroller();
    height = scroller?.scrollHeight ?? 0;
  }
  if (!scroller) return;
  const grown = scroller.scrollHeight > height;
  const wasAtEnd = height - scroller.clientHeight - scroller.scrollTop < NEAR_PX;
  height = scroller.scrollHeight;
  if (grown && wasAtEnd) scroller.scrollTop = height;
}

new MutationObserver(() => requestAnimationFrame(follow)).observe(document.body, {
  childList: true,
  subtree: true,
  characterData: true,
});
