namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

internal static class LogTail
{
    private const int BlockSize = 64 << 10;

    /// <summary>Where the last <paramref name="lines"/> whole lines of a file begin, found from its end.</summary>
    public static long Start(Stream file, int lines)
    {
        var block = new byte[BlockSize];
        var position = file.Length;
        // The end of the last line is not the start of another.
        var left = lines + 1;
        while (position > 0)
        {
            var size = (int)Math.Min(BlockSize, position);
            position -= size;
            file.Position = position;
            file.ReadExactly(block, 0, size);
            for (var index = size - 1; index >= 0; index--)
            {
                if (block[index] == '\n' && --left == 0)
                {
                    return position + index + 1;
                }
            }
        }

        return lines == 0 ? file.Length : 0;
    }
}
