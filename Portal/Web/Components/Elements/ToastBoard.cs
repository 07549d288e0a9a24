namespace Flotilla.Portal.Web.Components.Elements;

/// <summary>Short messages about what was just done; each goes by itself.</summary>
internal sealed class ToastBoard(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(6);

    private readonly Lock gate = new();
    private readonly List<(Toast Toast, ITimer Timer)> shown = [];

    public event Action? Changed;

    public IReadOnlyList<Toast> Shown
    {
        get { lock (gate) { return [.. shown.Select(entry => entry.Toast)]; } }
    }

    public void Good(string text) => Show(new("good", text));

    public void Bad(string text) => Show(new("bad", text));

    public void Remove(Toast toast)
    {
        lock (gate)
        {
            shown.FindAll(entry => entry.Toast == toast).ForEach(entry => entry.Timer.Dispose());
            shown.RemoveAll(entry => entry.Toast == toast);
        }
        Changed?.Invoke();
    }

    public void Dispose()
    {
        lock (gate) { shown.ForEach(entry => entry.Timer.Dispose()); }
    }

    private void Show(Toast toast)
    {
        var timer = clock.CreateTimer(_ => Remove(toast), state: null, Lifetime, Timeout.InfiniteTimeSpan);
        lock (gate) { shown.Add((toast, timer)); }
        Changed?.Invoke();
    }
}

internal sealed record Toast(string Tone, string Text)
{
    public Guid Id { get; } = Guid.NewGuid();
}
