namespace Flotilla.Benchmarks;

/// <summary>Waits for what a measurement waits for; two minutes at most.</summary>
internal static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken, int everyMilliseconds = 50)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        while (!await condition()) { await Task.Delay(everyMilliseconds, either.Token); }
    }
}
