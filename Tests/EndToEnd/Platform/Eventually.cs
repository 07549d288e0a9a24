using System.Diagnostics;

namespace Flotilla.EndToEnd.Platform;

/// <summary>Waits for a condition, with a limit, and says what it last saw.</summary>
public static class Eventually
{
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> isWanted, int timeoutSeconds = 60)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            var last = await read();
            if (isWanted(last)) { return last; }
            if (started.Elapsed.TotalSeconds > timeoutSeconds)
            {
                throw new TimeoutException($"After {timeoutSeconds} s it is still: {last}");
            }

            await Task.Delay(200);
        }
    }
}
