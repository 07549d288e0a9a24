using System.Diagnostics;
using System.Globalization;

namespace Flotilla.TestKit;

/// <summary>Waits for what happens in the background: until it is so, or fails after a limit, which slow machines lengthen: FLOTILLA_TEST_PATIENCE=5.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly double Patience = double.Parse(Environment.GetEnvironmentVariable("FLOTILLA_TEST_PATIENCE") ?? "1", CultureInfo.InvariantCulture);

    public static async Task TrueAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        await TrueAsync(() => Task.FromResult(condition()), what, limit);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var (watch, longest) = (Stopwatch.StartNew(), Patience * (limit ?? Limit));
        while (!await condition())
        {
            if (watch.Elapsed > longest)
            {
                throw new TimeoutException($"not so within {longest}: {what}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }
}
