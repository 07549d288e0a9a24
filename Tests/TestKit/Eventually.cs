using System.Diagnostics;
using System.Globalization;

namespace Flotilla.TestKit;

/// <summary>
/// Waits for what happens in the background: until it is so, or fails after a limit. The limit is there for what never comes, not to
/// measure: a busy machine lengthens it (FLOTILLA_TEST_PATIENCE=5).
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan usual = TimeSpan.FromSeconds(60);
    private static readonly double patience = double.Parse(Environment.GetEnvironmentVariable("FLOTILLA_TEST_PATIENCE") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>How long a test waits, here or by itself, before it fails.</summary>
    public static TimeSpan Limit => patience * usual;

    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        await TrueAsync(() => Task.FromResult(condition()), what, limit);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var (watch, longest) = (Stopwatch.StartNew(), patience * (limit ?? usual));
        while (!await condition())
        {
            if (watch.Elapsed > longest) { throw new TimeoutException($"not so within {longest}: {what}"); }
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>What was read when it was as wanted; a failure says what was read last.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> isWanted, TimeSpan? limit = null)
    {
        var (watch, longest) = (Stopwatch.StartNew(), patience * (limit ?? usual));
        while (true)
        {
            var last = await read();
            if (isWanted(last)) { return last; }
            if (watch.Elapsed > longest) { throw new TimeoutException($"after {longest} it is still: {last}"); }
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }
}
