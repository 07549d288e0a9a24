using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>
/// The kernel's log. Each read of <c>/dev/kmsg</c> is one record, such as <c>6,339,5140900,-;eth0: link up</c>: priority, number,
/// microseconds since the machine's start, flags and the text, which ends with the line.
/// </summary>
internal sealed partial class KernelLog : IDisposable
{
    private const int ReadOnlyWithoutWaiting = 0x800;
    private const int Overwritten = 32;
    private const int LongestRecord = 8 << 10;

    private readonly byte[] buffer = new byte[LongestRecord];
    private readonly double notBefore;
    private readonly int file;

    public KernelLog(TimeSpan lookback)
    {
        notBefore = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) - lookback.TotalSeconds;
        file = Open("/dev/kmsg", ReadOnlyWithoutWaiting);
        if (file < 0)
        {
            throw new IOException($"/dev/kmsg: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <returns>Null when there is no more for now.</returns>
    public string? Next()
    {
        while (true)
        {
            var length = Read(file, buffer, buffer.Length);
            if (length <= 0)
            {
                // What was overwritten before it was read is lost; the next read goes on with what is left.
                if (length < 0 && Marshal.GetLastPInvokeError() == Overwritten)
                {
                    continue;
                }

                return null;
            }

            if (Text(Encoding.UTF8.GetString(buffer, 0, (int)length), notBefore) is { } text)
            {
                return text;
            }
        }
    }

    /// <returns>Null for what is older than <paramref name="notBefore"/>, in seconds since the machine's start.</returns>
    public static string? Text(string record, double notBefore)
    {
        var (head, text) = record.Split(';', 2) is [var left, var right] ? (left, right) : ("", record);
        return head.Split(',') is [_, _, var time, ..] && double.Parse(time, CultureInfo.InvariantCulture) / 1e6 < notBefore ? null : text.Split('\n')[0];
    }

    public void Dispose() => _ = Close(file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int file, [Out] byte[] buffer, nint size);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
