using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.TestKit.Sandboxes;

/// <summary>Runs code of this process inside another network namespace: sockets that it makes belong there.</summary>
public static partial class NetworkNamespace
{
    private const int NewNetwork = 0x40000000;

    /// <param name="file">Such as <c>/run/netns/NAME</c> or <c>/proc/PID/ns/net</c>.</param>
    public static async Task<T> RunAsync<T>(string file, Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own, which ends with the work: the namespace is the thread's, and it never goes back.
        new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(file);
                if (setns(handle, NewNetwork) != 0) { throw new Win32Exception(Marshal.GetLastPInvokeError(), $"cannot enter {file}"); }
                result.SetResult(work());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        }).Start();
        return await result.Task;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle file, int kind);
}
