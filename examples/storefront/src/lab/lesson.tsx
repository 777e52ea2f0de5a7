import { words } from '../words/words.js'

/** What the naive shop does, and what this shop does instead. */
export const Lesson = () => {
  const { title, naive, ours } = words.value.lab.lesson
  return (
    <section class="card lab-lesson">
      <h2>{title}</h2>
      <div class="lesson">
        <div class="naive">
          <h3>{naive.title}</h3>
          <ol>
            {naive.steps.map((step) => (
              <li key={step}>
                <code>{step}</code>
              </li>
            ))}
          </ol>
          <p class="soft">{naive.text}</p>
        </div>
        <div class="ours">
          <h3>{ours.title}</h3>
          <ol>
            {ours.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <p class="soft">{ours.text}</p>
        </div>
      </div>
    </section>
  )
}
