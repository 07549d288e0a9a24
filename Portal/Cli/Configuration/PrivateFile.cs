namespace Flotilla.Portal.Cli.Configuration;

/// <summary>Files with secrets in them: readable by their owner alone, from their first byte on.</summary>
internal static class PrivateFile
{
    public static FileStream Create(string path)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        return new(path, options);
    }
}
