using System.Text;

namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>The file a supervised process writes its output to.</summary>
internal static class ProcessLog
{
    private const int Tail = 4096;

    /// <summary>The last line, which of a process that ended at its start usually says why.</summary>
    public static string LastWords(string file)
    {
        try
        {
            using var log = File.OpenRead(file);
            log.Seek(-Math.Min(log.Length, Tail), SeekOrigin.End);
            using var reader = new StreamReader(log, Encoding.UTF8);
            return reader.ReadToEnd().TrimEnd().Split('\n')[^1] is { Length: > 0 } line ? line : "it wrote nothing";
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }
}
