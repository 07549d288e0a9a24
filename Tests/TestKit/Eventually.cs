using System.Diagnostics;

namespace Flotilla.TestKit;

/// <summary>Waits for what happens in the background: until it is so, or fails after a limit.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        await TrueAsync(() => Task.FromResult(condition()), what, limit);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (limit ?? Limit))
            {
                throw new TimeoutException($"not so within {limit ?? Limit}: {what}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }
}
